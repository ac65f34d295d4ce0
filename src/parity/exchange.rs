//! Asks one server or two, request by request, and gathers the report.

use std::{collections::VecDeque, io::Write};

use chrono::Utc;

use super::{
    client::Peer,
    judge::{Judge, Rules},
    profile,
    recording::{self, Exchange, Recording, masked},
    report::{Call, Report},
    request::{Names, Request},
    secrets::mask_target,
    template::Templates,
};
use crate::{
    error::{Error, Result},
    flask::profile::Fidelity,
};

/// The requests that are still to be asked.
pub struct Requests {
    waiting: VecDeque<Request>,
    /// The routes whose lists lead to further requests.
    routes: Vec<String>,
    names: Names,
    /// How many were left out because there is no token.
    without_token: usize,
    /// How many were left out because a secret is missing.
    masked: usize,
}

impl Requests {
    /// Those of a file.
    pub fn of_file(requests: Vec<Request>) -> Self {
        Self {
            waiting: requests.into(),
            routes: Vec::new(),
            names: Names::default(),
            without_token: 0,
            masked: 0,
        }
    }

    /// Those of a profile with these routes.
    pub fn of_profile(routes: Vec<String>) -> Self {
        let mut requests = Self::of_file(Vec::new());
        requests.add(profile::lists(&routes));
        requests.routes = routes;
        requests
    }

    fn add(&mut self, new: Vec<Request>) {
        for mut request in new {
            self.names.name(&mut request, mask_target);
            self.waiting.push_back(request);
        }
    }

    /// The next one that can be asked, and how many are left.
    fn next(&mut self, peer: &Peer) -> Option<(Request, usize)> {
        loop {
            let request = self.waiting.pop_front()?;
            if request.is_masked {
                self.masked += 1;
            } else if request.uses_token && peer.token.is_none() {
                self.without_token += 1;
            } else {
                return Some((request, self.waiting.len()));
            }
        }
    }

    /// Adds what the answer to a list leads to.
    fn learn(&mut self, request: &Request, exchange: &Exchange) {
        let is_list = request.method == "GET" && request.uses_token && exchange.first.answer.status == 200;
        if is_list && !self.routes.is_empty() {
            let rows = profile::rows(&self.routes, request.path(), &exchange.first.answer);
            self.add(rows);
        }
    }

    /// What was left out.
    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.without_token > 0 {
            let count = self.without_token;
            notes.push(format!(
                "{count} requests need a token and were left out; --token or --login asks them"
            ));
        }
        if self.masked > 0 {
            notes.push(format!(
                "{} requests were left out: their passwords are not recorded",
                self.masked
            ));
        }
        notes
    }
}

/// What is told while it goes on: how many requests are left.
pub type Progress<'a> = &'a dyn Fn(usize);

/// Asks the old app and writes a recording; gives the number of exchanges and what was left out.
///
/// # Errors
/// [`Error::Refused`] where the server does not answer, [`Error::Io`] where the file cannot be written.
pub async fn record(
    old: &Peer,
    mut requests: Requests,
    file: &mut impl Write,
    progress: Progress<'_>,
) -> Result<(usize, Vec<String>)> {
    let failed = |error| Error::Io("cannot write the recording".to_owned(), error);
    recording::write_head(file, &old.name, Utc::now().date_naive()).map_err(failed)?;
    let mut count = 0;
    while let Some((request, left)) = requests.next(old) {
        progress(left);
        let exchange = ask(old, &request).await?;
        requests.learn(&request, &exchange);
        recording::write(file, &exchange).map_err(failed)?;
        count += 1;
    }
    file.flush().map_err(failed)?;
    Ok((count, requests.notes()))
}

/// Asks once, and again what changes nothing.
async fn ask(peer: &Peer, request: &Request) -> Result<Exchange> {
    Ok(Exchange {
        request: request.clone(),
        day: None,
        first: peer.ask(request).await?,
        second: match request.is_safe() {
            true => Some(peer.ask(request).await?),
            false => None,
        },
    })
}

/// How answers are judged and put in order.
pub struct Court {
    /// The entries that may explain differences.
    pub rules: Rules,
    /// Which of them hold.
    pub fidelity: Fidelity,
    /// Which route an address belongs to.
    pub templates: Templates,
}

/// Asks both servers, the old app before and after the new one.
///
/// # Errors
/// [`Error::Refused`] where one of them does not answer.
pub async fn compare(
    old: &Peer,
    new: &Peer,
    mut requests: Requests,
    court: Court,
    progress: Progress<'_>,
) -> Result<Report> {
    let today = Utc::now().date_naive();
    let mut judge = Judge::new(court.rules, court.fidelity, today, today);
    let mut report = report_of(&old.name, new);
    while let Some((request, left)) = requests.next(old) {
        progress(left);
        let first = old.ask(&request).await?;
        let answer = new.ask(&judge.identities.mapped(&request)).await?;
        let second = match request.is_safe() {
            true => Some(old.ask(&request).await?),
            false => None,
        };
        let exchange = Exchange {
            request,
            day: None,
            first,
            second,
        };
        let Exchange {
            request, first, second, ..
        } = &exchange;
        let second_answer = second.as_ref().map(|second| &second.answer);
        let verdict = judge.judge(request, &first.answer, second_answer, &answer.answer);
        report.add(
            &court.templates.of(request.path()),
            Call {
                request,
                old: first.duration,
                new: answer.duration,
                answer: &answer.answer,
                verdict,
            },
        );
        requests.learn(request, &exchange);
    }
    report.notes.extend(requests.notes());
    report.unneeded = judge.unneeded.into_iter().collect();
    Ok(report)
}

/// Asks the new server what was recorded of the old app.
///
/// # Errors
/// [`Error::Refused`] where it does not answer.
pub async fn replay(recording: Recording, new: &Peer, court: Court, progress: Progress<'_>) -> Result<Report> {
    let today = Utc::now().date_naive();
    let mut judge = Judge::new(court.rules, court.fidelity, recording.day, today);
    let mut report = report_of(&format!("{}, recorded on {}", recording.server, recording.day), new);
    let asked = recording.exchanges.iter().map(|exchange| exchange.request.clone());
    let mut requests = Requests::of_file(asked.collect());
    for exchange in &recording.exchanges {
        judge.learn(&exchange.request.name, &exchange.first.answer);
    }
    let mut exchanges = recording.exchanges.into_iter();
    while let Some((request, left)) = requests.next(new) {
        progress(left);
        // Those that were left out have the same place in both.
        let Some(exchange) = exchanges.find(|exchange| exchange.request.name == request.name) else {
            continue;
        };
        let answer = new.ask(&judge.identities.mapped(&request)).await?;
        judge.old_day = exchange.day.unwrap_or(recording.day);
        // What was recorded has no secrets.
        let comparable = masked(&answer.answer);
        let second = exchange.second.as_ref().map(|second| &second.answer);
        let verdict = judge.judge(&request, &exchange.first.answer, second, &comparable);
        report.add(
            &court.templates.of(request.path()),
            Call {
                request: &request,
                old: exchange.first.duration,
                new: answer.duration,
                answer: &comparable,
                verdict,
            },
        );
    }
    report.notes.extend(requests.notes());
    report.unneeded = judge.unneeded.into_iter().collect();
    Ok(report)
}

fn report_of(old: &str, new: &Peer) -> Report {
    Report {
        old: old.to_owned(),
        new: new.name.clone(),
        carrier: new.carrier.clone(),
        ..Report::default()
    }
}
