//! `/notes`, which has the paths of its own pages: the key is a text, and each note may refer to a tag.

use poem_scaffold::{
    args,
    db::{Db, FromRow, Row},
    error::{Error, Result},
    jsonapi::{
        Attributes, ClientId, Created, Deleted, Document, Found, FromAttributes, Identified, Listed, Nullable,
        Resource, attribute, fields,
    },
    poem::web::Data,
    poem_openapi::{self, Object, OpenApi, param::Path},
    serde_json::{Value, json},
};

/// A note.
#[derive(Object)]
pub struct Note {
    /// The key of its tag.
    tag: Option<String>,
}

impl Resource for Note {
    const TYPE: &'static str = "notes";
    const ATTRIBUTES: &'static [attribute::Attribute] = &[attribute::of::<Option<String>>("tag")];

    fn example() -> Value {
        json!({"tag": null})
    }

    fn example_id() -> Value {
        json!("first")
    }
}

impl FromRow for Note {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            tag: row.get_nullable("tag")?,
        })
    }
}

/// A note to be added.
#[derive(Object)]
struct NewNote {
    #[oai(skip)]
    id: String,
    /// As shown.
    tag: Option<String>,
}

impl FromAttributes for NewNote {
    type Resource = Note;
    const ID: Option<ClientId> = Some(ClientId::text());

    fn from_attributes(attributes: &mut Attributes) -> Self {
        let id = attributes.id(&fields::Line { min: 1, max: 20 });
        let tag = attributes
            .nullable("tag", &fields::STRING)
            .and_then(|Nullable(tag)| tag);
        Self { id, tag }
    }
}

/// What of a note is to be changed.
#[derive(Object)]
struct NotePatch {
    /// As shown.
    tag: Option<Nullable<String>>,
}

impl FromAttributes for NotePatch {
    type Resource = Note;

    fn from_attributes(attributes: &mut Attributes) -> Self {
        Self {
            tag: attributes.nullable("tag", &fields::STRING),
        }
    }
}

const FIND: &str = "select id, tag from notes where id = ?";

pub struct NotesApi;

#[OpenApi]
impl NotesApi {
    #[oai(path = "/notes", method = "get")]
    async fn list_notes(&self, db: Data<&Db>) -> Result<Listed<Note, String>> {
        let sql = "select id, tag from notes where id >= ? order by id limit ?";
        Listed::of(db.pages_by::<String>(sql, args![])).await
    }

    #[oai(path = "/notes", method = "post")]
    async fn create_note(&self, db: Data<&Db>, document: Document<NewNote>) -> Result<Created<Note, String>> {
        let new = document.read()?;
        let sql = "insert into notes (id, tag) values (?, ?) returning id, tag";
        Ok(Created(db.insert_returning(sql, args![new.id, new.tag]).await?))
    }

    #[oai(path = "/notes/{id}", method = "get")]
    async fn get_note(&self, db: Data<&Db>, id: Path<String>) -> Result<Found<Note, String>> {
        let found: Option<Identified<Note, String>> = db.fetch_optional(FIND, args![id.0]).await?;
        Ok(Found(found.ok_or(Error::NotFound)?))
    }

    #[oai(path = "/notes/{id}", method = "patch")]
    async fn update_note(
        &self,
        db: Data<&Db>,
        id: Path<String>,
        document: Document<NotePatch>,
    ) -> Result<Found<Note, String>> {
        let changed = db.transaction(async |db| {
            let locked: Option<Identified<Note, String>> = db.fetch_locked(FIND, args![id.0.as_str()]).await?;
            let mut note = locked.ok_or(Error::NotFound)?;
            if let Some(Nullable(tag)) = document.read()?.tag {
                let sql = "update notes set tag = ? where id = ?";
                db.execute(sql, args![tag.as_deref(), id.0.as_str()]).await?;
                note.attributes.tag = tag;
            }
            Ok(note)
        });
        Ok(Found(changed.await?))
    }

    #[oai(path = "/notes/{id}", method = "delete")]
    async fn delete_note(&self, db: Data<&Db>, id: Path<String>) -> Result<Deleted> {
        match db.execute("delete from notes where id = ?", args![id.0]).await? {
            0 => Err(Error::NotFound),
            _ => Ok(Deleted),
        }
    }
}
