//! Defaults < `config/default.toml` < the profile's file < environment < flags, merged by the `config` crate, which
//! remembers for each value where it came from.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ::config::{ConfigError, File, FileFormat, Map, Source, Value, ValueKind};

use super::keys::{KEYS, find};
use super::{Mistake, Profile};

/// The environment's names begin with this; `__` separates sections.
const PREFIX: &str = "APPORTION__";
/// Names the profile.
const PROFILE: &str = "APPORTION_PROFILE";

/// Where values come from besides the defaults.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The directory that has `config/`.
    pub directory: PathBuf,
    /// The environment.
    pub environment: BTreeMap<String, String>,
    /// The profile, if a flag names one; else `APPORTION_PROFILE` does.
    pub profile: Option<String>,
    /// Dotted keys and values given by flags.
    pub flags: Vec<(String, String)>,
}

impl Sources {
    /// The working directory, the environment of this process, and these flags.
    #[must_use]
    pub fn of_process(profile: Option<String>, flags: Vec<(String, String)>) -> Self {
        Self {
            directory: PathBuf::from("."),
            environment: std::env::vars().collect(),
            profile,
            flags,
        }
    }

    /// No files and no environment: these values over the sandbox profile. For the demo, replays and tests.
    #[must_use]
    pub fn isolated<K: Into<String>, V: Into<String>>(values: impl IntoIterator<Item = (K, V)>) -> Self {
        Self {
            // No directory of this name has a `config/` in it: a NUL is in no path.
            directory: PathBuf::from("\0"),
            environment: BTreeMap::new(),
            profile: Some("sandbox".to_owned()),
            flags: values
                .into_iter()
                .map(|(key, value)| (key.into(), value.into()))
                .collect(),
        }
    }

    /// The profile that was asked for, if any.
    pub(super) fn profile(&self) -> Result<Option<Profile>, Mistake> {
        let named = self
            .profile
            .as_ref()
            .or_else(|| self.environment.get(PROFILE))
            .filter(|name| !name.is_empty());
        named.map(|name| Profile::from_name(name)).transpose()
    }
}

/// One leaf of the merged configuration.
#[derive(Clone, Debug)]
pub(super) struct Leaf {
    /// What was given, as text; a list as its items.
    pub given: Given,
    /// Where it came from.
    pub source: String,
}

#[derive(Clone, Debug)]
pub(super) enum Given {
    One(String),
    Many(Vec<String>),
    Float,
}

/// Merges everything below `profile`; unknown keys, unreadable files and the like are mistakes.
pub(super) fn merged(
    sources: &Sources,
    profile: Option<Profile>,
    mistakes: &mut Vec<Mistake>,
) -> BTreeMap<String, Leaf> {
    let mut builder = ::config::Config::builder().add_source(File::from_str(&defaults(), FileFormat::Toml));
    builder = builder.add_source(file(
        &sources.directory.join("config/default.toml"),
        "config/default.toml",
        None,
    ));
    if let Some(profile) = profile {
        let name = format!("config/{}.toml", profile.as_str());
        builder = builder.add_source(file(&sources.directory.join(&name), &name, Some(profile.built_in())));
    }
    builder = builder
        .add_source(environment(sources, mistakes))
        .add_source(flags(sources));
    match builder.build() {
        Ok(config) => leaves(config.cache, mistakes),
        Err(error) => {
            mistakes.push(Mistake::new("configuration", "", error.to_string(), "mend the file"));
            BTreeMap::new()
        }
    }
}

fn defaults() -> String {
    KEYS.iter()
        .filter_map(|key| Some(format!("{} = {}\n", key.name, key.default?)))
        .collect()
}

/// Named values that came from one place.
#[derive(Clone, Debug)]
struct Layer(Vec<(String, Value)>);

impl Source for Layer {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, Value>, ConfigError> {
        Ok(self.0.iter().cloned().collect())
    }
}

/// A TOML file, if it is there; else what the binary carries of it.
#[derive(Clone, Debug)]
struct NamedFile {
    name: String,
    text: Option<String>,
}

impl Source for NamedFile {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, Value>, ConfigError> {
        let Some(text) = &self.text else { return Ok(Map::new()) };
        let read = File::from_str(text, FileFormat::Toml).collect();
        let table = read.map_err(|error| ConfigError::Message(format!("{}: {error}", self.name)))?;
        Ok(table
            .into_iter()
            .map(|(key, value)| (key, from(value, &self.name)))
            .collect())
    }
}

fn file(path: &Path, name: &str, built_in: Option<&str>) -> NamedFile {
    match std::fs::read_to_string(path) {
        Ok(text) => NamedFile {
            name: name.to_owned(),
            text: Some(text),
        },
        Err(_) => NamedFile {
            name: format!("{name} (built in)"),
            text: built_in.map(str::to_owned),
        },
    }
}

/// The same value, with its origin written into it and everything below it.
fn from(value: Value, origin: &str) -> Value {
    let kind = match value.kind {
        ValueKind::Table(table) => ValueKind::Table(
            table
                .into_iter()
                .map(|(key, value)| (key, from(value, origin)))
                .collect(),
        ),
        other => other,
    };
    Value::new(Some(&origin.to_owned()), kind)
}

fn environment(sources: &Sources, mistakes: &mut Vec<Mistake>) -> Layer {
    let mut values = Vec::new();
    for (variable, value) in &sources.environment {
        let Some(name) = variable.strip_prefix(PREFIX).filter(|_| !value.is_empty()) else {
            continue;
        };
        let name = name.to_lowercase().replace("__", ".");
        let pointed = name.strip_suffix("_file").filter(|name| may_be_a_file(name));
        match pointed {
            None => values.push((name, Value::new(Some(variable), value.as_str()))),
            Some(secret) => match std::fs::read_to_string(value) {
                Ok(text) => values.push((secret.to_owned(), Value::new(Some(variable), text.trim_end()))),
                Err(error) => {
                    let what = format!("{value} cannot be read: {error}");
                    mistakes.push(Mistake::new(
                        secret,
                        variable,
                        what,
                        "name a file that this process may read",
                    ));
                }
            },
        }
    }
    Layer(values)
}

fn may_be_a_file(name: &str) -> bool {
    name == "database.url" || find(name).is_some_and(|key| key.secret)
}

fn flags(sources: &Sources) -> Layer {
    let origin = "flag".to_owned();
    Layer(
        sources
            .flags
            .iter()
            .map(|(key, value)| (key.clone(), Value::new(Some(&origin), value.as_str())))
            .collect(),
    )
}

fn leaves(root: Value, mistakes: &mut Vec<Mistake>) -> BTreeMap<String, Leaf> {
    let mut found = BTreeMap::new();
    let mut waiting = vec![(String::new(), root)];
    while let Some((name, value)) = waiting.pop() {
        let source = value.origin().unwrap_or("default").to_owned();
        let given = match value.kind {
            ValueKind::Nil => continue,
            ValueKind::Table(table) => {
                let below = |key: String| if name.is_empty() { key } else { format!("{name}.{key}") };
                waiting.extend(table.into_iter().map(|(key, value)| (below(key), value)));
                continue;
            }
            ValueKind::Float(_) => Given::Float,
            ValueKind::Array(items) => Given::Many(
                items
                    .into_iter()
                    .map(|item| item.into_string().unwrap_or_default())
                    .collect(),
            ),
            one => Given::One(one.to_string()),
        };
        if find(&name).is_none() {
            mistakes.push(Mistake::new(&name, &source, "there is no such key", unknown_key(&name)));
            continue;
        }
        found.insert(name, Leaf { given, source });
    }
    found
}

/// What could have been meant: the keys of the same section.
fn unknown_key(name: &str) -> String {
    let section = name.rsplit_once('.').map_or("", |(section, _)| section);
    let siblings: Vec<&str> = KEYS
        .iter()
        .filter(|key| !section.is_empty() && key.name.starts_with(section))
        .map(|key| key.name)
        .collect();
    if siblings.is_empty() {
        "config/default.toml lists every key".to_owned()
    } else {
        format!("there are {}", siblings.join(", "))
    }
}
