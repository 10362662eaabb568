//! The shape of the sources: short files, short functions, a sentence at the head of each, nothing switched off.

use crate::report;
use crate::tree::{self, TextFile};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

const MAX_FILE_LINES: usize = 400;
const MAX_FUNCTION_LINES: usize = 70;

/// Files that may be longer, and why.
const LONG_FILES: [(&str, &str); 0] = [];
/// Functions that may be longer (file, name), and why.
const LONG_FUNCTIONS: [(&str, &str, &str); 0] = [];

#[test]
fn files_are_short() {
    let mut complaints = Vec::new();
    let files: Vec<_> = tree::texts()
        .into_iter()
        .filter(|file| file.path.ends_with(".rs") && !file.is_test())
        .collect();
    for file in &files {
        let lines = file.text.lines().count();
        let excepted = LONG_FILES.iter().any(|(path, _)| *path == file.path);
        match (lines > MAX_FILE_LINES, excepted) {
            (true, false) => complaints.push(format!("{}: {lines} lines", file.path)),
            (false, true) => complaints.push(format!("{}: no longer needs its exception", file.path)),
            _ => {}
        }
    }
    report(
        &format!("A file has at most {MAX_FILE_LINES} lines. Is there a second noun in it?"),
        complaints,
    );
}

#[test]
fn functions_are_short() {
    let mut complaints = Vec::new();
    for (file, parsed) in tree::sources().iter().filter(|(file, _)| !file.is_test()) {
        let mut lengths = Lengths {
            file,
            complaints: &mut complaints,
        };
        lengths.visit_file(parsed);
    }
    report(
        &format!("A function has at most {MAX_FUNCTION_LINES} lines. Which part of it has a name?"),
        complaints,
    );
}

#[test]
fn modules_say_what_they_are() {
    let mut complaints = Vec::new();
    for (file, parsed) in tree::sources() {
        let documented = parsed.attrs.iter().any(|attribute| attribute.path().is_ident("doc"));
        if !documented {
            complaints.push(format!("{}: begins without a //! line", file.path));
        }
    }
    report(
        "Each module begins with a sentence that says what it is for:",
        complaints,
    );
}

#[test]
fn nothing_is_switched_off() {
    let mut complaints = Vec::new();
    for (file, parsed) in tree::sources() {
        let mut switches = Switches {
            file: &file,
            complaints: &mut complaints,
        };
        switches.visit_file(&parsed);
        for (number, line) in file.text.lines().enumerate() {
            let fence = line
                .trim_start()
                .trim_start_matches("///")
                .trim_start_matches("//!")
                .trim_start();
            if fence.starts_with(concat!("```", "ignore")) || fence.starts_with(concat!("```rust,", "ignore")) {
                complaints.push(format!("{}:{}: an ignored example", file.path, number + 1));
            }
        }
    }
    report("No ignored test, no bare allow, nothing left to do:", complaints);
}

struct Lengths<'a> {
    file: &'a TextFile,
    complaints: &'a mut Vec<String>,
}

impl Lengths<'_> {
    fn measure(&mut self, name: &syn::Ident, from: proc_macro2::Span, to: proc_macro2::Span) {
        let lines = to.end().line - from.start().line + 1;
        let excepted = LONG_FUNCTIONS
            .iter()
            .any(|(path, known, _)| *path == self.file.path && name == known);
        let at = format!("{}:{}: {name}", self.file.path, from.start().line);
        match (lines > MAX_FUNCTION_LINES, excepted) {
            (true, false) => self.complaints.push(format!("{at} has {lines} lines")),
            (false, true) => self.complaints.push(format!("{at} no longer needs its exception")),
            _ => {}
        }
    }
}

impl<'ast> Visit<'ast> for Lengths<'_> {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if !is_for_tests(&module.attrs) {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        if !is_for_tests(&function.attrs) {
            self.measure(&function.sig.ident, function.sig.span(), function.block.span());
            visit::visit_item_fn(self, function);
        }
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.measure(&function.sig.ident, function.sig.span(), function.block.span());
        visit::visit_impl_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast syn::TraitItemFn) {
        if let Some(block) = &function.default {
            self.measure(&function.sig.ident, function.sig.span(), block.span());
        }
        visit::visit_trait_item_fn(self, function);
    }
}

/// `#[test]`, or anything that is compiled for tests only.
fn is_for_tests(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let cfg_test = attribute.path().is_ident("cfg")
            && attribute
                .meta
                .require_list()
                .is_ok_and(|list| list.tokens.to_string().split_whitespace().eq(["test"]));
        cfg_test
            || attribute
                .path()
                .segments
                .last()
                .is_some_and(|segment| segment.ident == "test")
    })
}

struct Switches<'a> {
    file: &'a TextFile,
    complaints: &'a mut Vec<String>,
}

impl Switches<'_> {
    fn complain(&mut self, span: proc_macro2::Span, what: &str) {
        self.complaints
            .push(format!("{}:{}: {what}", self.file.path, span.start().line));
    }
}

impl<'ast> Visit<'ast> for Switches<'_> {
    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        let path = attribute.path();
        if path.is_ident("ignore") {
            self.complain(attribute.span(), "an ignored test");
        }
        if path.is_ident("allow") {
            self.complain(attribute.span(), "a bare allow: say expect, with the reason");
        }
        if path.is_ident("expect") {
            let reasoned = attribute
                .meta
                .require_list()
                .is_ok_and(|list| list.tokens.to_string().contains("reason ="));
            if !reasoned {
                self.complain(attribute.span(), "an expect without its reason");
            }
        }
        visit::visit_attribute(self, attribute);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        let name = call
            .path
            .segments
            .last()
            .map(|segment| segment.ident.to_string())
            .unwrap_or_default();
        if matches!(name.as_str(), "todo" | "unimplemented" | "dbg") {
            self.complain(call.span(), &format!("{name}!"));
        }
        visit::visit_macro(self, call);
    }
}
