//! Conversion of example values from YAML to JSON.

use serde_json::Value as Json;
use serde_yaml::Value as Yaml;

/// Converts YAML to JSON. Members whose key is not a text are left out, because `lint` reports them.
pub(crate) fn to_json(value: &Yaml) -> Json {
    match value {
        Yaml::Null => Json::Null,
        Yaml::Bool(b) => Json::Bool(*b),
        Yaml::Number(n) => n
            .as_i64()
            .map(Json::from)
            .or_else(|| n.as_u64().map(Json::from))
            .or_else(|| n.as_f64().map(Json::from))
            .unwrap_or(Json::Null),
        Yaml::String(s) => Json::String(s.clone()),
        Yaml::Sequence(items) => Json::Array(items.iter().map(to_json).collect()),
        Yaml::Mapping(map) => {
            Json::Object(map.iter().filter_map(|(k, v)| k.as_str().map(|k| (k.to_owned(), to_json(v)))).collect())
        }
        Yaml::Tagged(tagged) => to_json(&tagged.value),
    }
}
