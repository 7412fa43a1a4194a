//! The corpus: files of frames, one file per topic.

use std::fs;
use std::path::Path;

use serde_json::Value as Json;

use crate::harness::{Features, Stage};
use crate::step::FuzzStep;

/// One file.
#[derive(Debug)]
pub(crate) struct Entry {
    /// The state to replay it in; none: every state.
    pub(crate) stage: Option<Stage>,
    /// The features to replay it with; none: every set.
    pub(crate) features: Option<Features>,
    pub(crate) steps: Vec<FuzzStep>,
}

/// All files, by name.
///
/// # Errors
/// A message about the file that cannot be read.
pub(crate) fn read() -> Result<Vec<Entry>, String> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus");
    let files =
        fs::read_dir(&directory).map_err(|error| format!("{}: {error}", directory.display()))?;
    let mut paths: Vec<_> = files.filter_map(|file| Some(file.ok()?.path())).collect();
    paths.sort();
    paths.iter().map(|path| read_one(path)).collect()
}

fn read_one(path: &Path) -> Result<Entry, String> {
    let with_path = |error: String| format!("{}: {error}", path.display());
    let text = fs::read_to_string(path).map_err(|error| with_path(error.to_string()))?;
    let json: Json = serde_json::from_str(&text).map_err(|error| with_path(error.to_string()))?;
    let frames = json.get("frames").and_then(Json::as_array);
    let frames = frames.ok_or_else(|| with_path("it has no `frames`".to_owned()))?;
    let member = |key: &str| json.get(key).and_then(Json::as_str);
    let unknown = |member: &str| with_path(format!("`{member}` is unknown"));
    Ok(Entry {
        stage: member("stage")
            .map(|member| Stage::named(member).ok_or_else(|| unknown(member)))
            .transpose()?,
        features: member("features")
            .map(|member| Features::named(member).ok_or_else(|| unknown(member)))
            .transpose()?,
        steps: frames.iter().map(FuzzStep::read).collect(),
    })
}
