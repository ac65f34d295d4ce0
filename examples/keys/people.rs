//! `/people.json`, outside of `/api`: the key is an integer of another name.

use poem_scaffold::{
    args,
    db::{Db, FromRow, Row},
    error::{Error, Result},
    jsonapi::{
        Attributes, Created, Deleted, Document, Found, FromAttributes, Identified, Listed, Resource, attribute, fields,
    },
    poem::web::Data,
    poem_openapi::{self, Object, OpenApi, param::Path},
    serde_json::{Value, json},
};

/// Somebody.
#[derive(Object)]
pub struct Person {
    /// What people call them.
    name: String,
}

impl Resource for Person {
    const TYPE: &'static str = "people";
    const ATTRIBUTES: &'static [attribute::Attribute] = &[attribute::of::<String>("name")];

    fn example() -> Value {
        json!({"name": "Ada"})
    }
}

impl FromRow for Person {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self { name: row.get("name")? })
    }
}

/// Somebody to be added.
#[derive(Object)]
struct NewPerson {
    /// As shown.
    name: String,
}

impl FromAttributes for NewPerson {
    type Resource = Person;

    fn from_attributes(attributes: &mut Attributes) -> Self {
        Self {
            name: attributes.required("name", &fields::STRING),
        }
    }
}

const FIND: &str = "select id_user as id, name from people where id_user = ?";

pub struct PeopleApi;

#[OpenApi]
impl PeopleApi {
    #[oai(path = "/people.json", method = "get")]
    async fn list_people(&self, db: Data<&Db>) -> Result<Listed<Person>> {
        let sql = "select id_user as id, name from people where id_user >= ? order by id_user limit ?";
        Listed::of(db.pages(sql, args![])).await
    }

    #[oai(path = "/people.json", method = "post")]
    async fn create_person(&self, db: Data<&Db>, document: Document<NewPerson>) -> Result<Created<Person>> {
        let sql = "insert into people (name) values (?) returning id_user as id, name";
        let name = document.read()?.name;
        Ok(Created(db.insert_returning(sql, args![name]).await?))
    }

    #[oai(path = "/people/{id}.json", method = "get")]
    async fn get_person(&self, db: Data<&Db>, id: Path<i64>) -> Result<Found<Person>> {
        let found: Option<Identified<Person>> = db.fetch_optional(FIND, args![id.0]).await?;
        Ok(Found(found.ok_or(Error::NotFound)?))
    }

    #[oai(path = "/people/{id}.json", method = "delete")]
    async fn delete_person(&self, db: Data<&Db>, id: Path<i64>) -> Result<Deleted> {
        let deleted = db.transaction(async |db| {
            let locked: Option<Identified<Person>> = db.fetch_locked(FIND, args![id.0]).await?;
            locked.ok_or(Error::NotFound)?;
            db.execute("delete from people where id_user = ?", args![id.0]).await
        });
        deleted.await?;
        Ok(Deleted)
    }
}
