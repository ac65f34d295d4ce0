//! Files that are no plain YAML, or of another shape than resources and fields.

use super::{all_refused, texts};

/// Texts that are no YAML, or more than plain data, each with a part of the message.
const NOT_PLAIN: &[(&str, &str)] = &[
    ("", ":1: the file has no content"),
    ("# nothing but a comment\n", ":1: the file has no content"),
    ("---\n", ":1: the file has no content"),
    ("~\n", "expected a mapping"),
    ("- posts\n- comments\n", ":1: expected a mapping of resources"),
    ("posts\n", ":1: expected a mapping"),
    ("5\n", ":1: expected a mapping"),
    ("posts:\n\t- title:string\n", ":2:"),
    ("posts: [title:string\n", ":"),
    ("posts: \"title\n", ":"),
    ("posts:\n - 'title:string\n", ":"),
    ("posts: {a: b\n", ":"),
    ("posts: a: b\n", ":1:"),
    (
        "posts:\n - title:string\nposts:\n - body:text\n",
        ":3: duplicate key \"posts\"…first defined here",
    ),
    (
        "posts:\n  fields: [a:string]\n  fields: [b:string]\n",
        ":3: duplicate key \"fields\"",
    ),
    ("posts: &p\n - title:string\n", "anchors"),
    ("posts:\n - &f title:string\n - *f\n", ":2: anchors"),
    ("posts: *p\n", ":1:"),
    ("base: &b {auth: user}\nposts:\n  <<: *b\n", ":1: anchors"),
    (
        "posts:\n  <<: {auth: user}\n  fields: [a:string]\n",
        "unknown option `<<`",
    ),
    ("!!python/object/apply:os.system ['touch x']\n", ":1: tags"),
    ("posts: !!seq\n - title:string\n", "tags"),
    ("posts:\n - !ruby/object:Gem x\n", ":2: tags"),
    ("!!str posts:\n - title:string\n", ":1: tags"),
    ("%TAG ! tag:x,2000:\n---\nposts:\n - !a title:string\n", "tags"),
    (
        "posts:\n - title:string\n---\ncomments:\n - body:text\n",
        "second document",
    ),
    ("? [a, b]\n: [c:string]\n", "a key must be a name"),
    ("? {a: b}\n: [c:string]\n", "a key must be a name"),
    ("posts:\n - title:string\n - [body:text]\n", ":3: expected a field"),
    ("posts: |\n  title:string\n", ":1: expected a list"),
    ("@posts:\n - title:string\n", ":1:"),
    ("`posts`:\n - title:string\n", ":1:"),
    ("posts:\n - title:string\n  - body:text\n", ":"),
];

#[test]
fn what_is_no_plain_yaml() {
    let deep = format!("a:\n - {}x:string\n", "[".repeat(10_000));
    let nested: String = (0..9)
        .map(|depth| format!("{}a{depth}:\n", " ".repeat(depth)))
        .collect();
    let bomb: String = std::iter::once("a: &a [x, x, x, x, x, x, x, x]\n".to_owned())
        .chain((b'b'..=b'i').map(|c| {
            let (one, other) = (char::from(c), char::from(c - 1));
            format!("{one}: &{one} [{}]\n", vec![format!("*{other}"); 9].join(", "))
        }))
        .collect();
    let mut cases = texts(NOT_PLAIN);
    cases.extend(texts(&[
        (bomb.as_str(), ":1: anchors"),
        (deep.as_str(), ":2:"),
        (nested.as_str(), "nested too deeply"),
    ]));
    let many_resources: String = (0..101)
        .map(|number| format!("thing{number}s:\n - a:string\n"))
        .collect();
    let many_fields: String = (0..101).map(|number| format!(" - a{number}:string\n")).collect();
    for (bytes, expected) in [
        (&b"posts:\n - title:\xff\xfe\n"[..], ":2: is not UTF-8"),
        ("posts:\n - t:string\n".repeat(20_000).as_bytes(), "larger than 256 KiB"),
        (&vec![b'a'; 100 << 20], "larger than 256 KiB"),
        (b"\0\0\0\0", ":"),
        (b"posts:\n - ti\0tle:string\n", ":"),
        (many_resources.as_bytes(), ":201: more than 100 resources"),
        (
            format!("posts:\n{many_fields}").as_bytes(),
            ":102: more than 100 fields",
        ),
    ] {
        cases.push((bytes.to_vec(), expected.to_owned()));
    }
    all_refused(cases);
}

/// Plain data that describes no resources, each with a part of the message.
const WRONG_SHAPES: &[(&str, &str)] = &[
    ("posts:\n", ":1: `posts` has no fields"),
    ("posts: ~\n", "has no fields"),
    ("posts: []\n", ":1: `posts` has no fields"),
    ("posts: {}\n", ":1: `posts` has no fields"),
    ("posts: title:string\n", ":1: expected a list"),
    (
        "posts:\n  title: string\n",
        ":2: `title` is a field, and not an option…move them under `fields:`",
    ),
    ("posts:\n  feilds: [title:string]\n", "did you mean `fields`?"),
    ("posts:\n  fields:\n", ":1: `posts` has no fields…expected a list"),
    ("posts:\n  fields: []\n", ":1: `posts` has no fields"),
    ("posts:\n  fields: title\n", ":2: expected a list"),
    ("posts:\n  auth: user\n", ":1: `posts` has no fields"),
    ("posts:\n - title\n", ":2: `title` has no type"),
    ("posts:\n - title:\n", ":2: `title` has no type"),
    ("posts:\n -\n", ":2: expected a field"),
    ("posts:\n - 5\n", ":2: `5` has no type"),
    ("posts:\n - title:string:x\n", ":2: unknown type `string:x`"),
    ("posts:\n - ':string'\n", ":2: `` cannot be the name of a field"),
    (
        "posts:\n - 'title :string'\n",
        ":2: `title ` cannot be the name of a field…did you mean `title`?",
    ),
    ("posts:\n - a: string\n   b: string\n", ":3: expected one field here"),
    (
        "posts:\n - title:string\n - title:text\n",
        ":3: duplicate field `title`…first defined here",
    ),
    ("posts:\n  fields: {title: [string]}\n", ":2: `title` has no type"),
    ("posts:\n  fields: {title: {max: 5}}\n", ":2: `title` has no type"),
    (
        "posts:\n  fields: {title: {type: string, size: 5}}\n",
        ":2: unknown option `size`",
    ),
    (
        "posts:\n  fields: {title: {type: [string]}}\n",
        "`type` needs one plain value",
    ),
    (
        "posts:\n  fields: {title: {type: string, nullable: yes}}\n",
        "`nullable` is true or false, not `yes`",
    ),
    (
        "posts:\n  auth: nobody\n  fields: [a:string]\n",
        ":2: unknown value of auth `nobody`",
    ),
    (
        "posts:\n  auth: [user]\n  fields: [a:string]\n",
        ":2: expected who may use the resource…`auth` is public, user, owner or admin",
    ),
    (
        "posts:\n  auth: {read: user}\n  fields: [a:string]\n",
        ":2: unknown verb `read`…allowed: list, get…did you mean `get`?",
    ),
    (
        "posts:\n  auth: {list: admins}\n  fields: [a:string]\n",
        "did you mean `admin`?",
    ),
    (
        "posts:\n  auth: {create: public, update: owner}\n  fields: [a:string]\n",
        ":2: rows that anybody may create",
    ),
    (
        "posts:\n  auth: owner\n  fields: [owner_id:integer]\n",
        ":3: `owner_id` is reserved by `auth: owner`",
    ),
    (
        "posts:\n  plural: blog-posts\n  fields: [a:string]\n",
        "`blog-posts` cannot be the name of a resource",
    ),
    (
        "posts:\n  plural: ../posts\n  fields: [a:string]\n",
        "`../posts` cannot be the name of a resource",
    ),
    (
        "posts:\n  singular: \"po st\"\n  fields: [a:string]\n",
        "did you mean `po_st`?",
    ),
    (
        "post:\n - a:string\nposts:\n - b:string\n",
        ":3: `posts` is already a name of the resource `posts`",
    ),
    (
        "post: {singular: post, fields: [a:string]}\nnew_post: {singular: new_post, fields: [b:string]}\n",
        ":2: `NewPost` is already a name of the resource `posts`",
    ),
    (
        "posts: {singular: post, fields: [a:string]}\narticle: {singular: post, fields: [b:string]}\n",
        ":2: `post` is already a name of the resource `posts`",
    ),
    (
        "posts:\n - parent:references(posts)\n",
        ":2: `parent` refers to its own table",
    ),
    (
        "posts:\n - a:references(commens)\ncomments:\n - b:text\n",
        ":2: `a` refers to the unknown resource `commens`…did you mean `comments`?…the resources are: ",
    ),
    (
        "posts:\n - a:references(things)\n",
        ":2: `a` refers to the unknown resource `things`…the resources are: ",
    ),
    (
        "cats:\n - dog:references(dogs)\ndogs:\n - cat:references(cats)\n",
        ":2: cats, dogs refer to each other in a circle",
    ),
    (
        "fleas:\n - dog:references(dogs)\ncats:\n - dog:references(dogs)\ndogs:\n - cat:references(cats)\n",
        ":4: cats, dogs refer to each other in a circle",
    ),
];

#[test]
fn what_has_the_wrong_shape() {
    all_refused(texts(WRONG_SHAPES));
}
