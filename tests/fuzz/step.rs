//! Fuzz steps, and their form in the corpus.

use serde_json::{Map, Value as Json};

use crate::value::Value;

/// One step.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum FuzzStep {
    /// A frame arrives, valid or not.
    Frame(Value),
    /// A message that is not a frame arrives.
    Broken(Broken),
    /// Time passes.
    Wait(u64),
    /// The connection breaks; the next one opens.
    Cut,
    /// The page is hidden, or shown.
    Visible(bool),
    /// The app answers the oldest request of a collection with this.
    Answer(Value),
}

/// A message that is not a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Broken {
    Binary,
    NotJson,
    TooLarge,
}

/// The strings for steps other than frames and answers, besides `wait MS`.
const KEYWORDS: [(&str, FuzzStep); 6] = [
    ("binary", FuzzStep::Broken(Broken::Binary)),
    ("not json", FuzzStep::Broken(Broken::NotJson)),
    ("too large", FuzzStep::Broken(Broken::TooLarge)),
    ("cut", FuzzStep::Cut),
    ("hide", FuzzStep::Visible(false)),
    ("show", FuzzStep::Visible(true)),
];

impl FuzzStep {
    /// Reads a step from its form in the corpus: a string is a step, `{"answer": …}` an answer, any other
    /// value a frame.
    pub(crate) fn read(json: &Json) -> Self {
        if let Json::String(keyword) = json {
            let wait = keyword.strip_prefix("wait ").and_then(|ms| ms.parse().ok());
            let known =
                KEYWORDS.iter().find(|(own, _)| own == keyword).map(|(_, known)| known.clone());
            return wait.map(Self::Wait).or(known).unwrap_or_else(|| Self::Frame(value(json)));
        }
        match json
            .as_object()
            .filter(|members| members.len() == 1)
            .and_then(|one| one.get("answer"))
        {
            Some(answer) => Self::Answer(value(answer)),
            None => Self::Frame(value(json)),
        }
    }

    /// Its form in the corpus.
    pub(crate) fn write(&self) -> Json {
        match self {
            Self::Frame(frame) => json(frame),
            Self::Wait(ms) => Json::String(format!("wait {ms}")),
            Self::Answer(answer) => Json::Object(Map::from_iter([("answer".into(), json(answer))])),
            keyword => {
                let known = KEYWORDS.iter().find(|(_, known)| known == keyword);
                known.map_or(Json::Null, |(keyword, _)| Json::String((*keyword).to_owned()))
            }
        }
    }
}

/// The prefix of a string in the corpus that stands for a deeply nested value, followed by its depth: JSON
/// parsers reject the value itself.
const DEEP: &str = "deep ";

/// The maximum depth of values that are written as JSON.
const MAX_WRITTEN: u64 = 100;

/// Returns nested objects with one member of this name, or nested arrays if the name is empty.
pub(crate) fn nested(depth: u64, name: &'static str) -> Value {
    (0..depth).fold(Value::Null, |inner, _| match name {
        "" => Value::Array([inner].into()),
        name => Value::members(vec![(name.into(), inner)]),
    })
}

fn depth(value: &Value) -> u64 {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or_default(),
        Value::Object(members) => {
            1 + members.iter().map(|(_, member)| depth(member)).max().unwrap_or_default()
        }
        _ => 0,
    }
}

/// A JSON value as clients receive it.
fn value(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(flag) => Value::Bool(*flag),
        Json::Number(number) => Value::Number(number.as_f64().unwrap_or_default()),
        Json::String(text) => match text.strip_prefix(DEEP).and_then(|depth| depth.parse().ok()) {
            Some(depth) => nested(depth, "a"),
            None => text.as_str().into(),
        },
        Json::Array(items) => Value::Array(items.iter().map(value).collect()),
        Json::Object(members) => {
            let member = |(key, inner): (&String, &Json)| (key.clone().into(), value(inner));
            Value::members(members.iter().map(member).collect())
        }
    }
}

fn json(value: &Value) -> Json {
    let depth = depth(value);
    if depth > MAX_WRITTEN {
        return format!("{DEEP}{depth}").into();
    }
    match value {
        Value::Null => Json::Null,
        Value::Bool(flag) => (*flag).into(),
        Value::Number(number) if number.fract() == 0.0 && number.abs() < 1e15 => {
            (*number as i64).into()
        }
        Value::Number(number) => (*number).into(),
        Value::Text(text) => text.as_ref().into(),
        Value::Array(items) => items.iter().map(json).collect(),
        Value::Object(members) => {
            members.iter().map(|(key, member)| (key.clone().into_owned(), json(member))).collect()
        }
    }
}
