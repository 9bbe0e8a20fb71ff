//! Requests and what they are answered.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use serde_json::{Value, json};

use crate::support::{Api, on_each_engine};

/// Every resource goes through the same life: created, read, changed, listed, deleted.
#[tokio::test]
async fn rows_are_created_read_changed_listed_and_deleted() {
    on_each_engine(async |api: Api| {
        let user = api.user("ada").await;
        let project = api.project(user, "home").await;
        let task = api
            .create("/tasks", json!({"project_id": project, "title": "paint"}))
            .await;
        for (path, body, change, field) in [
            (
                "/users",
                json!({"first_name": "G", "last_name": "H", "full_name": "GH", "email": "g@h.test"}),
                json!("Grace Hopper"),
                "full_name",
            ),
            ("/projects", json!({"owner_id": user, "name": "garden"}), json!("yard"), "name"),
            (
                "/tasks",
                json!({
                    "project_id": project, "assignee_id": user, "title": "mow", "status": "doing",
                    "priority": 3, "due_at": "2026-12-01T08:00:00Z", "estimate": "1.25",
                    "labels": ["outside"], "description": "the lawn",
                }),
                json!(null),
                "due_at",
            ),
            ("/tags", json!({"name": "urgent"}), json!("#ff0000"), "color"),
            (
                "/comments",
                json!({"task_id": task, "author_id": user, "body": "soon"}),
                json!("now"),
                "body",
            ),
        ] {
            let before = api.get(path).await.body["total"].as_u64().unwrap();
            let created = api.post(path, body.clone()).await;
            assert_eq!(created.status, StatusCode::CREATED, "{created:?}");
            for (name, value) in body.as_object().unwrap() {
                assert_eq!(&created.body[name], value, "{path} {name}");
            }
            let one = created.headers[header::LOCATION].to_str().unwrap();
            assert_eq!(one, format!("{path}/{}", created.body["id"]));

            let mut row = created.body.clone();
            assert_eq!(api.get(one).await.body, row);
            let changed = api.patch(one, json!({field: change})).await;
            row[field] = change;
            assert_eq!((changed.status, &changed.body), (StatusCode::OK, &row));
            assert_eq!(api.patch(one, json!({})).await.body, row);
            assert_eq!(api.get(one).await.body, row);

            let list = api.get(path).await.body;
            assert_eq!(list["total"], before + 1);
            assert!(list["items"].as_array().unwrap().contains(&row));

            assert_eq!(api.delete(one).await.status, StatusCode::NO_CONTENT);
            api.get(one).await.problem(404);
            api.patch(one, json!({})).await.problem(404);
            api.delete(one).await.problem(404);
            assert_eq!(api.get(path).await.body["total"], before);
        }
    })
    .await;
}

#[tokio::test]
async fn a_list_comes_in_pages() {
    on_each_engine(async |api: Api| {
        let user = api.user("ada").await;
        let mut ids = Vec::new();
        for name in ["a", "b", "c", "d", "e"] {
            ids.push(api.project(user, name).await);
        }
        for (query, expected, page, per_page) in [
            ("", &ids[..], 1, 20),
            ("?per_page=2", &ids[..2], 1, 2),
            ("?per_page=2&page=3", &ids[4..], 3, 2),
            ("?per_page=2&page=4", &[], 4, 2),
            ("?per_page=100", &ids[..], 1, 100),
        ] {
            let answer = api.get(&format!("/projects{query}")).await;
            assert_eq!(answer.ids(), expected, "{query}");
            assert_eq!(answer.body["total"], 5, "{query}");
            assert_eq!(answer.body["page"], page, "{query}");
            assert_eq!(answer.body["per_page"], per_page, "{query}");
        }
        for (query, wrong) in [
            ("per_page=101", vec!["per_page"]),
            ("per_page=0&page=0", vec!["page", "per_page"]),
            ("page=18446744073709551615", vec!["page"]),
        ] {
            assert_eq!(
                api.get(&format!("/projects?{query}")).await.wrong(),
                wrong,
                "{query}"
            );
        }
        api.get("/projects?page=x").await.problem(400);
    })
    .await;
}

#[tokio::test]
async fn tasks_are_filtered() {
    on_each_engine(async |api: Api| {
        let ada = api.user("ada").await;
        let home = api.project(ada, "home").await;
        let work = api.project(ada, "work").await;
        let paint = json!({
            "project_id": home, "title": "Paint 100% of the wall", "status": "doing",
            "assignee_id": ada, "due_at": "2026-12-01T08:00:00Z",
        });
        let paint = api.create("/tasks", paint).await;
        let write = json!({
            "project_id": work, "title": "Write", "description": "a wall of text",
            "due_at": "2026-12-24T08:00:00Z",
        });
        let write = api.create("/tasks", write).await;
        let rest = api
            .create("/tasks", json!({"project_id": work, "title": "Rest"}))
            .await;
        for tag in ["color", "other"] {
            let tag = api.create("/tags", json!({"name": tag})).await;
            let path = format!("/tasks/{paint}/tags/{tag}");
            assert_eq!(api.put(&path).await.status, StatusCode::NO_CONTENT);
        }
        for (query, expected) in [
            ("", vec![paint, write, rest]),
            ("status=doing", vec![paint]),
            ("status=todo", vec![write, rest]),
            ("status=done", vec![]),
            (&format!("project={work}"), vec![write, rest]),
            (&format!("assignee={ada}"), vec![paint]),
            ("assignee=0", vec![]),
            ("tag=color", vec![paint]),
            ("tag=none", vec![]),
            ("due_before=2026-12-02T00:00:00Z", vec![paint]),
            ("due_after=2026-12-02T00:00:00Z", vec![write]),
            (
                "due_before=2026-12-02T00:00:00Z&due_after=2026-12-02T00:00:00Z",
                vec![],
            ),
            ("text=WALL", vec![paint, write]),
            ("text=100%25", vec![paint]),
            ("text=%25", vec![paint]),
            ("text=_", vec![]),
            (&format!("text=wall&project={home}"), vec![paint]),
        ] {
            assert_eq!(
                api.get(&format!("/tasks?{query}")).await.ids(),
                expected,
                "{query}"
            );
        }
        for query in ["status=late", "project=home", "due_before=tomorrow"] {
            api.get(&format!("/tasks?{query}")).await.problem(400);
        }
    })
    .await;
}

#[tokio::test]
async fn tags_are_put_on_tasks_and_taken_off() {
    on_each_engine(async |api: Api| {
        let user = api.user("ada").await;
        let project = api.project(user, "home").await;
        let task = api
            .create("/tasks", json!({"project_id": project, "title": "mow"}))
            .await;
        let urgent = api.create("/tags", json!({"name": "urgent"})).await;
        let tags = format!("/tasks/{task}/tags");
        let one = format!("{tags}/{urgent}");

        assert!(api.get(&tags).await.ids().is_empty());
        for _ in 0..2 {
            assert_eq!(api.put(&one).await.status, StatusCode::NO_CONTENT);
            assert_eq!(api.get(&tags).await.ids(), [urgent]);
        }
        assert_eq!(api.delete(&one).await.status, StatusCode::NO_CONTENT);
        assert!(api.get(&tags).await.ids().is_empty());
        api.delete(&one).await.problem(404);

        assert_eq!(
            api.put(&format!("{tags}/0")).await.problem(404),
            "there is no tag 0"
        );
        let nowhere = format!("/tasks/0/tags/{urgent}");
        assert_eq!(api.put(&nowhere).await.problem(404), "there is no task 0");
        api.get("/tasks/0/tags").await.problem(404);

        assert_eq!(api.put(&one).await.status, StatusCode::NO_CONTENT);
        let task = format!("/tasks/{task}");
        assert_eq!(api.delete(&task).await.status, StatusCode::NO_CONTENT);
        let tag = api.get(&format!("/tags/{urgent}")).await;
        assert_eq!(tag.status, StatusCode::OK, "the tag is not the task's");
    })
    .await;
}

#[tokio::test]
async fn what_is_wrong_with_a_body_is_said_by_field() {
    on_each_engine(async |api: Api| {
        let user = api.user("ada").await;
        let project = api.project(user, "home").await;
        let task = |fields: Value| {
            let mut body = json!({"project_id": project, "title": "mow"});
            body.as_object_mut()
                .unwrap()
                .extend(fields.as_object().unwrap().clone());
            body
        };
        for (path, body, wrong) in [
            (
                "/users",
                json!({}),
                vec!["first_name", "last_name", "full_name", "email"],
            ),
            (
                "/projects",
                json!({"owner_id": "me", "name": " "}),
                vec!["owner_id", "name"],
            ),
            (
                "/projects",
                json!({"owner_id": null, "name": "x".repeat(256)}),
                vec!["owner_id", "name"],
            ),
            (
                "/tasks",
                task(json!({"status": "late", "priority": 6})),
                vec!["status", "priority"],
            ),
            (
                "/tasks",
                task(json!({"priority": -1, "due_at": "soon"})),
                vec!["priority", "due_at"],
            ),
            (
                "/tasks",
                task(json!({"priority": 70_000, "labels": {}})),
                vec!["priority", "labels"],
            ),
            (
                "/tasks",
                task(json!({"labels": [1], "estimate": "-1"})),
                vec!["estimate", "labels"],
            ),
            (
                "/tasks",
                task(json!({"status": null, "id": 7, "x": 1})),
                vec!["status", "id", "x"],
            ),
            ("/tags", json!({"name": "x", "color": "red"}), vec!["color"]),
            (
                "/tags",
                json!({"name": "x", "color": "#ééé"}),
                vec!["color"],
            ),
            ("/comments", json!({"body": ""}), vec!["task_id", "body"]),
        ] {
            assert_eq!(
                api.post(path, body.clone()).await.wrong(),
                wrong,
                "{path} {body}"
            );
        }
        for email in ["", "ada", "ada@", "@host.test", "a b@host.test", "ada@host"] {
            let answer = api
                .patch(&format!("/users/{user}"), json!({"email": email}))
                .await;
            assert_eq!(answer.wrong(), ["email"], "{email}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_the_database_refuses_is_the_clients_to_mend() {
    on_each_engine(async |api: Api| {
        let ada = api.user("ada").await;
        let bob = api.user("bob").await;
        api.project(ada, "home").await;

        api.patch(
            &format!("/users/{bob}"),
            json!({"email": "ada@example.test"}),
        )
        .await
        .problem(409);
        api.post("/projects", json!({"owner_id": ada, "name": "home"}))
            .await
            .problem(409);
        api.project(bob, "home").await;
        api.post("/projects", json!({"owner_id": 0, "name": "x"}))
            .await
            .problem(422);
        let held = api.delete(&format!("/users/{ada}")).await;
        assert_eq!(
            held.problem(409),
            format!("other rows still refer to user {ada}")
        );
    })
    .await;
}

/// PostgreSQL holds no NUL in a text, SQLite does; neither is a failure of the service.
#[tokio::test]
async fn a_value_that_the_engine_cannot_hold_is_no_failure() {
    on_each_engine(async |api: Api| {
        let tag = api.post("/tags", json!({"name": "\0"})).await;
        assert!([201, 422].contains(&tag.status.as_u16()), "{tag:?}");
        let list = api.get("/tasks?text=%00").await;
        assert!([200, 422].contains(&list.status.as_u16()), "{list:?}");
    })
    .await;
}

#[tokio::test]
async fn every_refusal_is_a_problem() {
    on_each_engine(async |api: Api| {
        for (method, path, body, status) in [
            (Method::GET, "/nothing", "", 404),
            (Method::GET, "/users/0", "", 404),
            (Method::PUT, "/users", "", 405),
            (Method::POST, "/users/1", "{}", 405),
            (Method::GET, "/users/one", "", 400),
            (Method::GET, "/users/99999999999", "", 400),
            (Method::POST, "/users", "{", 400),
            (Method::POST, "/users", "[]", 400),
            (Method::POST, "/users", "", 400),
        ] {
            let answer = api.send(method.clone(), path, Body::from(body)).await;
            assert_eq!(answer.status, status, "{method} {path} {body}");
            assert!(!answer.problem(status).is_empty());
        }
        let request = Request::post("/users").body(Body::from("{}")).unwrap();
        api.call(request).await.problem(415);
        let large = format!("\"{}\"", "x".repeat(3 << 20));
        api.send(Method::POST, "/users", Body::from(large))
            .await
            .problem(413);
        let allowed = api.put("/users").await.headers[header::ALLOW].clone();
        assert_eq!(allowed, "GET,HEAD,POST");
    })
    .await;
}

#[tokio::test]
async fn a_request_has_an_id() {
    on_each_engine(async |api: Api| {
        let given = Request::get("/healthz")
            .header("x-request-id", "abc")
            .body(Body::empty());
        assert_eq!(
            api.call(given.unwrap()).await.headers["x-request-id"],
            "abc"
        );
        assert_eq!(api.get("/healthz").await.headers["x-request-id"].len(), 36);
    })
    .await;
}
