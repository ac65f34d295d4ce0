//! An app whose resources were written by hand: keys that are texts, UUIDs and integers of another name, and paths of other forms.

mod gadgets;
mod nested;
mod notes;
mod people;
mod tags;

use std::process::ExitCode;

use poem_scaffold::{App, embed, routes};

fn main() -> ExitCode {
    let app = App::new("keys", "0.1.0")
        .resources(|| {
            routes![
                tags::TagsApi,
                gadgets::GadgetsApi,
                people::PeopleApi,
                notes::NotesApi,
                nested::NestedApi
            ]
        })
        .migrations(embed!("examples/keys/migrations"))
        .templates(embed!("examples/keys/templates"));
    poem_scaffold::run(app)
}
