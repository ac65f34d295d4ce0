//! What changes while somebody logs in voids the token of that login too.

use std::{path::Path, thread, time::Duration};

use serde_json::json;

use super::{Beside, FLASK_HASH, PASSWORD, give_again, login, now, path, printed_reset, status, token_at, user};
use crate::{
    api::{call, on_each_engine, run},
    support::{
        server::{Server, ServerConfig},
        sql::{query, run_sql},
    },
};

/// What happens to ann while she logs in.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Meanwhile {
    PasswordByUs,
    PasswordByFlask,
    PatchByUs,
    Reset,
    DisabledAndEnabled,
    DeletedAndMadeAgain,
}

/// An account that something happens to.
struct Account<'a> {
    config: &'a ServerConfig,
    dir: &'a Path,
    url: &'a str,
    server: &'a Server,
    /// The administrator's token.
    root: &'a str,
    id: i64,
    email: &'a str,
    /// The token of a link that was mailed before.
    reset: Option<String>,
}

impl Account<'_> {
    fn undergoes(&self, meanwhile: Meanwhile) {
        match meanwhile {
            Meanwhile::PasswordByUs => {
                run(
                    self.config,
                    self.dir,
                    &["user", "passwd", self.email],
                    Some("battery staple\n"),
                );
            }
            Meanwhile::PasswordByFlask => {
                run_sql(
                    self.url,
                    &format!("update users set password = '{FLASK_HASH}' where id = {}", self.id),
                );
            }
            Meanwhile::PatchByUs => {
                let patch = user(json!({"active": 1, "password": "battery staple"}));
                assert_eq!(
                    call(self.server, "PATCH", &path(self.id), Some(self.root), Some(&patch)).status,
                    200
                );
            }
            Meanwhile::Reset => {
                let new = user(json!({"password": "battery staple"}));
                let answer = call(
                    self.server,
                    "PATCH",
                    "/api/v1/forgotpassword",
                    self.reset.as_deref(),
                    Some(&new),
                );
                assert_eq!(answer.status, 200, "{} {meanwhile:?} {}", self.url, answer.text());
            }
            Meanwhile::DisabledAndEnabled => {
                for active in [0, 1] {
                    let patch = user(json!({"active": active}));
                    assert_eq!(
                        call(self.server, "PATCH", &path(self.id), Some(self.root), Some(&patch)).status,
                        200
                    );
                }
            }
            Meanwhile::DeletedAndMadeAgain => {
                assert_eq!(
                    call(self.server, "DELETE", &path(self.id), Some(self.root), None).status,
                    204
                );
                give_again(self.url, self.id);
                run(
                    self.config,
                    self.dir,
                    &["user", "create", self.email],
                    Some("correct horse\n"),
                );
            }
        }
    }
}

#[test]
fn a_login_that_began_before_a_change_leaves_no_token_that_outlives_it() {
    let all = [
        Meanwhile::PasswordByUs,
        Meanwhile::PasswordByFlask,
        Meanwhile::PatchByUs,
        Meanwhile::Reset,
        Meanwhile::DisabledAndEnabled,
        Meanwhile::DeletedAndMadeAgain,
    ];
    on_each_engine(|config, dir, url| {
        let profile = "scaffold-1.0";
        let beside = Beside::new(&config, profile, url);
        // In Flask's tables, new hashes are bcrypt only where Flask never checks them again.
        let dear = beside.config.clone().env("BCRYPT_COST", "13");
        let dear = dear.env("PASSWORD_REHASH", "on");
        run(
            &beside.config,
            dir,
            &["user", "create", "root@example.com", "--admin"],
            Some("correct horse\n"),
        );
        let server = Server::start(&beside.config);
        let root = login(&server, profile, "root@example.com", PASSWORD).unwrap();
        for (number, meanwhile) in all.into_iter().enumerate() {
            let context = format!("{url} {meanwhile:?}");
            let email = format!("ann{number}@example.com");
            run(&dear, dir, &["user", "create", &email], Some("correct horse\n"));
            let id: i64 = query(url, &format!("select id from users where email = '{email}'"))
                .parse()
                .unwrap();
            let reset = (meanwhile == Meanwhile::Reset).then(|| {
                let asked = user(json!({"email": email}));
                assert_eq!(
                    call(&server, "POST", "/api/v1/forgotpassword", None, Some(&asked)).status,
                    201
                );
                printed_reset(&server)
            });
            let account = Account {
                config: &beside.config,
                dir,
                url,
                server: &server,
                root: &root,
                id,
                email: &email,
                reset,
            };
            let before = token_at(id, now());
            let token = thread::scope(|scope| {
                let login = scope.spawn(|| login(&server, profile, &email, PASSWORD));
                thread::sleep(Duration::from_millis(250));
                assert!(!login.is_finished(), "{context}: the hash is not dear enough");
                account.undergoes(meanwhile);
                login.join().unwrap()
            });
            let is_good = token
                .as_deref()
                .is_some_and(|token| status(&server, profile, token) == 200);
            // Who was enabled again has the same password, and the tokens from before.
            let is_same = meanwhile == Meanwhile::DisabledAndEnabled;
            assert_eq!(is_good, is_same, "{context}");
            let expected = if is_same { 200 } else { 401 };
            assert_eq!(status(&server, profile, &before), expected, "{context}: older tokens");
        }
    });
}
