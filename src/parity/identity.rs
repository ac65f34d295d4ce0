//! Maps the ids that one server gave to new rows to those that the other gave to the same rows.

use serde_json::Value;

use super::{answer::Answer, json::text_of, normal::NewIds, request::Request};

/// The ids of rows that were made while both were asked.
#[derive(Default)]
pub struct Identities {
    /// The new server's, by type and the old app's id.
    pub ids: NewIds,
}

impl Identities {
    /// Learns from the answers to a request that made a row on both.
    pub fn learn(&mut self, request: &Request, old: &Answer, new: &Answer) {
        let (Some(old), Some(new)) = (old.json(), new.json()) else {
            return;
        };
        let segment = request.path().rsplit('/').find(|segment| !segment.is_empty());
        let collection = segment.unwrap_or_default().trim_end_matches(".json");
        let (old_row, new_row) = match old["data"].is_object() {
            true => (&old["data"], &new["data"]),
            false => (&old, &new),
        };
        let (old_id, new_id) = (old_row.get("id"), new_row.get("id"));
        if let (Some(old_id), Some(new_id)) = (old_id, new_id) {
            let kind = old_row.get("type").and_then(Value::as_str);
            for kind in [Some(collection), kind].into_iter().flatten() {
                self.ids.insert((kind.to_owned(), text_of(old_id)), new_id.clone());
            }
        }
    }

    /// The request as the new server has to be asked.
    pub fn mapped(&self, request: &Request) -> Request {
        let mut mapped = request.clone();
        if self.ids.is_empty() {
            return mapped;
        }
        mapped.target = self.target(&request.target);
        if let Ok(mut body) = serde_json::from_slice(&request.body)
            && self.replace(&mut body)
        {
            mapped.body = body.to_string().into_bytes();
        }
        mapped
    }

    fn target(&self, target: &str) -> String {
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, format!("?{query}")),
            None => (target, String::new()),
        };
        let segments: Vec<&str> = path.split('/').collect();
        let mapped = segments.iter().enumerate().map(|(index, segment)| {
            let before = index.checked_sub(1).map(|before| segments[before]);
            let (id, ending) = match segment.strip_suffix(".json") {
                Some(id) => (id, ".json"),
                None => (*segment, ""),
            };
            let new = before.and_then(|kind| self.ids.get(&(kind.to_owned(), id.to_owned())));
            new.map_or((*segment).to_owned(), |new| format!("{}{ending}", text_of(new)))
        });
        mapped.collect::<Vec<_>>().join("/") + &query
    }

    /// Replaces each `id` beside a `type`; tells whether there was one.
    fn replace(&self, value: &mut Value) -> bool {
        let mut changed = false;
        match value {
            Value::Object(members) => {
                let kind = members.get("type").and_then(Value::as_str).map(str::to_owned);
                if let (Some(kind), Some(id)) = (kind, members.get_mut("id"))
                    && let Some(new) = self.ids.get(&(kind, text_of(id)))
                {
                    changed |= new != id;
                    *id = new.clone();
                }
                for member in members.values_mut() {
                    changed |= self.replace(member);
                }
            }
            Value::Array(items) => {
                for item in items {
                    changed |= self.replace(item);
                }
            }
            _ => {}
        }
        changed
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn created(body: &Value) -> Answer {
        Answer {
            status: 201,
            headers: vec![("Content-Type".to_owned(), "application/json".to_owned())],
            body: body.to_string().into_bytes(),
        }
    }

    #[test]
    fn ids_of_new_rows_are_mapped_in_addresses_and_bodies() {
        let mut identities = Identities::default();
        let post = Request {
            method: "POST".to_owned(),
            ..Request::get("/api/v1/posts.json")
        };
        let document = |id| created(&json!({"data": {"id": id, "type": "posts"}}));
        identities.learn(&post, &document(3), &document(41));
        identities.learn(
            &Request::get("/tags"),
            &created(&json!({"id": "a"})),
            &created(&json!({"id": "b"})),
        );
        let mut patch = Request::get("/api/v1/posts/3.json?x=/posts/3");
        patch.body = json!({"data": {"id": 3, "type": "posts"}}).to_string().into_bytes();
        let mapped = identities.mapped(&patch);
        assert_eq!(mapped.target, "/api/v1/posts/41.json?x=/posts/3");
        assert_eq!(
            mapped.body,
            json!({"data": {"id": 41, "type": "posts"}}).to_string().into_bytes()
        );
        assert_eq!(identities.mapped(&Request::get("/tags/a")).target, "/tags/b");
        for target in ["/api/v1/posts/4.json", "/authors/3", "/3"] {
            assert_eq!(identities.mapped(&Request::get(target)).target, target);
        }
    }
}
