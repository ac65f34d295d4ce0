//! Which route an address belongs to: `/api/v1/posts/7.json` to `/api/v1/posts/{id}.json`.

use std::collections::HashMap;

use super::request::Request;

/// The templates of the routes that are known.
#[derive(Default)]
pub struct Templates(Vec<String>);

impl Templates {
    /// Known routes, such as `/api/v1/posts/{id}.json`; those of the old app's own are guessed.
    pub fn new(mut known: Vec<String>) -> Self {
        // A fixed path comes before a template that it fits, too.
        known.sort_by_key(|template| template.matches('{').count());
        Self(known)
    }

    /// The template of a path.
    pub fn of(&self, path: &str) -> String {
        let known = self.0.iter().find(|template| fits(template, path));
        known.cloned().unwrap_or_else(|| guessed(path))
    }
}

/// Leaves out the safe requests beyond so many of each route, and gives their number.
pub fn limit(requests: &mut Vec<Request>, templates: &Templates, per_route: u32) -> usize {
    let mut counts: HashMap<(String, String), u32> = HashMap::new();
    let before = requests.len();
    requests.retain(|request| {
        let route = (request.method.clone(), templates.of(request.path()));
        let count = counts.entry(route).or_default();
        *count += 1;
        // Later requests may need the rows of one that writes.
        *count <= per_route || !request.is_safe()
    });
    before - requests.len()
}

fn fits(template: &str, path: &str) -> bool {
    let (template, path): (Vec<&str>, Vec<&str>) = (template.split('/').collect(), path.split('/').collect());
    let fits = |(part, segment): (&&str, &&str)| match part.split_once('{') {
        None => part == segment,
        Some((start, rest)) => {
            let end = rest.split_once('}').map_or("", |(_, end)| end);
            let is_long = segment.len() > start.len() + end.len();
            is_long && segment.starts_with(start) && segment.ends_with(end)
        }
    };
    template.len() == path.len() && template.iter().zip(&path).all(fits)
}

/// The path with `{id}` for numbers, UUIDs and long keys.
fn guessed(path: &str) -> String {
    let segments = path.split('/').map(|segment| {
        let (id, ending) = match segment.rsplit_once('.') {
            Some((id, ending)) if ending.chars().all(char::is_alphabetic) => (id, &segment[id.len()..]),
            _ => (segment, ""),
        };
        let has_digit = id.contains(|c: char| c.is_ascii_digit());
        let is_number = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
        let is_key = id.len() >= 16 && has_digit && id.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
        match is_number || is_key {
            true => format!("{{id}}{ending}"),
            false => segment.to_owned(),
        }
    });
    segments.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_requests_of_each_route_are_kept() {
        let mut requests: Vec<Request> = (0..5).map(|id| Request::get(&format!("/a/{id}"))).collect();
        requests.push(Request::get("/b"));
        requests[4].method = "DELETE".to_owned();
        assert_eq!(limit(&mut requests, &Templates::default(), 2), 2);
        let targets: Vec<&str> = requests.iter().map(|request| request.target.as_str()).collect();
        assert_eq!(targets, ["/a/0", "/a/1", "/a/4", "/b"]);
    }

    #[test]
    fn known_routes_come_first_and_others_are_guessed() {
        let templates = Templates::new(vec![
            "/tags/{id}".to_owned(),
            "/tags/all".to_owned(),
            "/api/{id}.json".to_owned(),
        ]);
        for (path, expected) in [
            ("/tags/rust", "/tags/{id}"),
            ("/tags/all", "/tags/all"),
            ("/api/x.json", "/api/{id}.json"),
            ("/api/.json", "/api/.json"),
            ("/orders/17", "/orders/{id}"),
            ("/orders/17.json", "/orders/{id}.json"),
            (
                "/orders/6ba7b810-9dad-11d1-80b4-00c04fd430c8/items/2",
                "/orders/{id}/items/{id}",
            ),
            ("/about.html", "/about.html"),
            ("/", "/"),
        ] {
            assert_eq!(templates.of(path), expected, "{path}");
        }
    }
}
