//! Safe requests to the routes of a profile: lists, rows by the ids in them, unknown ids, missing and wrong tokens.

use serde_json::Value;

use super::{
    answer::Answer,
    json::text_of,
    request::{Request, WRONG_AUTHORIZATION},
};

/// Rows of each list that are asked for.
const ROWS: usize = 3;
/// Ids that no row has.
const UNKNOWN: [&str; 3] = ["999999999", "0", "nothing"];
/// What stands for the id in a template.
const ID: &str = "{id}";

/// The requests to all routes that need nothing but their address.
pub fn lists(templates: &[String]) -> Vec<Request> {
    let fixed = templates.iter().filter(|template| !template.contains('{'));
    fixed.flat_map(|path| with_tokens(path)).collect()
}

/// The requests to the rows of a list, whose path and answer these are.
pub fn rows(templates: &[String], list: &str, answer: &Answer) -> Vec<Request> {
    let start = list.trim_end_matches(".json");
    let is_row = |template: &&String| {
        let rest = template.strip_prefix(start).and_then(|rest| rest.strip_prefix('/'));
        rest.is_some_and(|rest| rest == ID || rest == format!("{ID}.json"))
    };
    let Some(template) = templates.iter().find(is_row) else {
        return Vec::new();
    };
    let ids = ids(answer);
    let known = ids.iter().take(ROWS).map(String::as_str);
    let paths = known.chain(UNKNOWN).map(|id| template.replace(ID, id));
    let mut requests: Vec<Request> = paths.map(|path| with_token(&path)).collect();
    let first = ids.first().map_or(UNKNOWN[0], String::as_str);
    requests.extend(with_tokens(&template.replace(ID, first)).into_iter().skip(1));
    requests
}

/// A request with the token, one without, and one with a wrong one.
fn with_tokens(path: &str) -> Vec<Request> {
    let without = Request {
        name: format!("GET {path} without a token"),
        ..Request::get(path)
    };
    let mut wrong = Request {
        name: format!("GET {path} with a wrong token"),
        ..Request::get(path)
    };
    wrong.add_header("Authorization", WRONG_AUTHORIZATION);
    let head = Request {
        method: "HEAD".to_owned(),
        ..with_token(path)
    };
    vec![with_token(path), head, without, wrong]
}

fn with_token(path: &str) -> Request {
    Request {
        uses_token: true,
        ..Request::get(path)
    }
}

/// The ids of the rows in a list.
fn ids(answer: &Answer) -> Vec<String> {
    let json = answer.json().unwrap_or_default();
    let lists = match &json {
        Value::Object(members) => members.values().find(|member| member.is_array()),
        list => Some(list),
    };
    let rows = lists.and_then(Value::as_array).into_iter().flatten();
    let ids = rows.filter_map(|row| row.get("id")).map(text_of);
    ids.filter(|id| !id.is_empty() && !id.contains(['/', '?', '#']))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_lead_to_their_rows() {
        let templates = ["/api/posts.json", "/api/posts/{id}.json", "/api/tags", "/api/tags/{id}"].map(str::to_owned);
        let lists = lists(&templates);
        assert_eq!(lists.len(), 8);
        let answer = Answer {
            status: 200,
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: br#"{"data": [{"id": 7}, {"id": "x"}], "links": {}}"#.to_vec(),
        };
        let targets = |list: &str| -> Vec<String> {
            let requests = rows(&templates, list, &answer).into_iter();
            requests.map(|request| request.target).collect()
        };
        let posts = targets("/api/posts.json");
        assert_eq!(
            posts[..3],
            ["/api/posts/7.json", "/api/posts/x.json", "/api/posts/999999999.json"]
        );
        assert_eq!(targets("/api/tags")[0], "/api/tags/7");
        assert_eq!(targets("/api/other"), [""; 0]);
    }
}
