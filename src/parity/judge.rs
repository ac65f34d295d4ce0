//! Judges the answers to one request after the other: what is equal, what a deviations file names, what differs.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use serde_json::Value;

use super::{
    answer::Answer,
    comparison::{Difference, Frame, Outcome},
    deviations::{Deviations, Stated},
    identity::Identities,
    noise::Noise,
    request::Request,
};
use crate::flask::profile::Fidelity;

/// What is thought of the answers to a request.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// No client can tell them apart.
    Equal,
    /// They differ as this entry of the deviations file says.
    Named(String),
    /// The old app failed on the input, and the new server says what is wrong with it.
    Refused,
    /// The old app answers now this, now that.
    Unstable,
    /// What differs.
    Different(Vec<Difference>),
}

/// The entries that may explain a difference.
#[derive(Default)]
pub struct Rules {
    /// All of the file.
    pub deviations: Deviations,
    /// The recording that the requests are from, by which entries name it.
    pub recording: String,
}

/// Judges in the order in which the requests were sent.
pub struct Judge {
    rules: Rules,
    fidelity: Fidelity,
    /// The day of the old app's answers.
    pub old_day: NaiveDate,
    today: NaiveDate,
    /// Ids of rows that both servers have made.
    pub identities: Identities,
    /// Entries that name a difference where there is none, each with its request.
    pub unneeded: BTreeSet<String>,
    /// The old app's answers by the names of their requests, for entries that say `like`.
    old_answers: HashMap<String, Answer>,
}

impl Judge {
    /// Judges answers of the old app of a day by those of the new server of today.
    pub fn new(rules: Rules, fidelity: Fidelity, old_day: NaiveDate, today: NaiveDate) -> Self {
        let (identities, unneeded, old_answers) = Default::default();
        Self {
            rules,
            fidelity,
            old_day,
            today,
            identities,
            unneeded,
            old_answers,
        }
    }

    /// Learns an answer of the old app, which an entry may name by `like` before it is judged.
    pub fn learn(&mut self, name: &str, old: &Answer) {
        if self.is_likened(name) {
            self.old_answers.insert(name.to_owned(), old.clone());
        }
    }

    /// Compares the answers to a request; `second` is the old app's to the same request asked again.
    pub fn judge(&mut self, request: &Request, old: &Answer, second: Option<&Answer>, new: &Answer) -> Verdict {
        let mut noise = second
            .map(|second| Noise::between(old, second, self.old_day))
            .unwrap_or_default();
        let both_succeeded = (200..300).contains(&old.status) && (200..300).contains(&new.status);
        if !request.is_safe() && both_succeeded {
            self.identities.learn(request, old, new);
            // A new row's id without a type, which nothing else would recognise.
            noise.add_value("$.id");
        }
        let verdict = self.verdict(request, old, new, &noise);
        self.learn(&request.name, old);
        verdict
    }

    fn verdict(&mut self, request: &Request, old: &Answer, new: &Answer, noise: &Noise) -> Verdict {
        let frame = Frame {
            old_day: self.old_day,
            new_day: self.today,
            ids: &self.identities.ids,
        };
        let (expected, rewrites) = self.rewritten(old);
        let outcome = frame.compare(&expected, new, noise);
        let deviations = &self.rules.deviations;
        let covering = deviations.covering(self.fidelity, &self.rules.recording, &request.name);
        let Some((entry, stated)) = covering else {
            let is_equal = outcome == Outcome::Equal;
            if !is_equal && !rewrites.is_empty() && frame.compare(old, new, noise) == Outcome::Equal {
                let unneeded = rewrites.iter().map(|name| format!("{name}: {}", request.name));
                self.unneeded.extend(unneeded);
                return Verdict::Equal;
            }
            return match outcome {
                Outcome::Equal => match rewrites.into_iter().next() {
                    Some(name) => Verdict::Named(name),
                    None => Verdict::Equal,
                },
                Outcome::Refused => Verdict::Refused,
                Outcome::Unstable => Verdict::Unstable,
                Outcome::Different(found) => Verdict::Different(found),
            };
        };
        let verdict = match outcome {
            Outcome::Equal | Outcome::Refused => None,
            Outcome::Unstable => Some(Verdict::Unstable),
            Outcome::Different(_) => {
                let wrong = self.wrong_with_stated(&frame, stated, new);
                Some(match wrong.is_empty() {
                    true => Verdict::Named(entry.name.clone()),
                    false => {
                        Verdict::Different(wrong.into_iter().map(|other| other.of_deviation(&entry.name)).collect())
                    }
                })
            }
        };
        let unneeded = format!("{}: {}", entry.name, request.name);
        verdict.unwrap_or_else(|| {
            self.unneeded.insert(unneeded);
            Verdict::Equal
        })
    }

    /// What is wrong with an answer, measured by the one that an entry states.
    fn wrong_with_stated(&self, frame: &Frame, stated: &Stated, new: &Answer) -> Vec<Difference> {
        let Some(other) = &stated.like else {
            return frame.compare_with_stated(stated.status, stated.json.as_ref(), new);
        };
        let outcome = self.old_answers.get(other).map(|old| {
            let (expected, _) = self.rewritten(old);
            frame.compare(&expected, new, &Noise::default())
        });
        match outcome {
            Some(Outcome::Different(found)) => found,
            Some(_) => Vec::new(),
            None => vec![Difference {
                what: "the case that it is like was not asked before".to_owned(),
                old: other.clone(),
                new: String::new(),
            }],
        }
    }

    /// The old answer with what the rewrites say, and the names of those that change it.
    fn rewritten(&self, old: &Answer) -> (Answer, Vec<String>) {
        let mut rewrites = self
            .rules
            .deviations
            .rewrites(self.fidelity, &self.rules.recording)
            .peekable();
        let json = rewrites.peek().and_then(|_| old.json());
        let Some(mut json) = json else {
            return (old.clone(), Vec::new());
        };
        let changing = rewrites.filter(|(_, rewrite)| rewrite.apply(&mut json));
        let names: Vec<String> = changing.map(|(entry, _)| entry.name.clone()).collect();
        let mut expected = old.clone();
        if !names.is_empty() {
            expected.body = Value::to_string(&json).into_bytes();
        }
        (expected, names)
    }

    fn is_likened(&self, name: &str) -> bool {
        let mut stated = self.rules.deviations.stated_under(self.fidelity);
        stated.any(|(_, stated)| stated.like.as_deref() == Some(name))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn answer(status: u16, body: &Value) -> Answer {
        Answer {
            status,
            headers: vec![("Content-Type".to_owned(), "application/json".to_owned())],
            body: body.to_string().into_bytes(),
        }
    }

    fn judge(toml: &str) -> Judge {
        let day = "2026-11-28".parse().unwrap();
        let rules = Rules {
            deviations: Deviations::parse(toml).unwrap(),
            recording: "T".to_owned(),
        };
        Judge::new(rules, Fidelity::Safe, day, day)
    }

    fn request(name: &str) -> Request {
        Request {
            name: name.to_owned(),
            ..Request::get("/users")
        }
    }

    const ENTRY: &str = r#"
        [[deviation]]
        name = "closed"
        reason = "A reason."
        [[deviation.cases]]
        recording = "T"
        case = "GET /users"
        status = 401
        json = '{"error": "no"}'
    "#;

    #[test]
    fn an_entry_must_be_needed_and_as_stated() {
        let (open, closed) = (answer(200, &json!([])), answer(401, &json!({"error": "no"})));
        let mut judge = self::judge(ENTRY);
        let users = request("GET /users");
        assert_eq!(
            judge.judge(&users, &open, None, &closed),
            Verdict::Named("closed".to_owned())
        );
        assert!(judge.unneeded.is_empty());
        assert_eq!(judge.judge(&users, &open, None, &open), Verdict::Equal);
        assert_eq!(judge.unneeded.iter().collect::<Vec<_>>(), ["closed: GET /users"]);
        let otherwise = answer(401, &json!({"error": "why"}));
        let Verdict::Different(found) = judge.judge(&users, &open, None, &otherwise) else {
            panic!("it is not as stated");
        };
        assert_eq!(found[0].what, "deviation closed: value $.error");
        assert!(matches!(
            judge.judge(&request("other"), &open, None, &closed),
            Verdict::Different(_)
        ));
    }

    #[test]
    fn entries_of_other_recordings_and_fidelities_do_not_count() {
        let (open, closed) = (answer(200, &json!([])), answer(401, &json!({"error": "no"})));
        for other in [
            ENTRY.replace("\"T\"", "\"S1\""),
            ENTRY.replace("reason =", "fidelity = [\"flask\"]\nreason ="),
        ] {
            let verdict = judge(&other).judge(&request("GET /users"), &open, None, &closed);
            assert!(matches!(verdict, Verdict::Different(_)), "{other}");
        }
    }

    #[test]
    fn a_rewrite_holds_for_one_member() {
        let toml = "[[deviation]]\nname = \"hidden\"\nreason = \"R.\"\nrewrite = { member = \"password\", value = \"********\" }";
        let user = |password: &str, name: &str| answer(200, &json!({"password": password, "name": name}));
        let old = user("pbkdf2:x", "Ann");
        let mut judge = self::judge(toml);
        let mut verdict = |new: &Answer| judge.judge(&request("GET /users"), &old, None, new);
        assert_eq!(verdict(&user("********", "Ann")), Verdict::Named("hidden".to_owned()));
        assert!(matches!(verdict(&user("********", "Bob")), Verdict::Different(_)));
        assert_eq!(verdict(&old), Verdict::Equal);
        assert_eq!(judge.unneeded.len(), 1);
    }

    #[test]
    fn ids_of_new_rows_may_differ_and_later_answers_follow() {
        let mut judge = judge("");
        let created = |id| answer(201, &json!({"data": {"id": id, "type": "posts"}}));
        let post = Request {
            method: "POST".to_owned(),
            ..Request::get("/posts.json")
        };
        assert_eq!(judge.judge(&post, &created(3), None, &created(7)), Verdict::Equal);
        let row = |id| answer(200, &json!({"data": {"id": id, "type": "posts"}}));
        let get = Request::get("/posts/3.json");
        assert_eq!(judge.identities.mapped(&get).target, "/posts/7.json");
        assert_eq!(judge.judge(&get, &row(3), None, &row(7)), Verdict::Equal);
        assert!(matches!(
            judge.judge(&get, &row(4), None, &row(7)),
            Verdict::Different(_)
        ));
        let plain = |id| answer(201, &json!({"id": id}));
        assert_eq!(judge.judge(&post, &plain(1), None, &plain(2)), Verdict::Equal);
    }
}
