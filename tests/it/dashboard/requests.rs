//! What no browser shows: headers, cookies, forged requests, guessed tokens.

use crate::harness::{Center, Http, Options, report};

const TOKEN: &str = "correct horse";
const FORM: &str = "application/x-www-form-urlencoded";

async fn post(http: &Http, path: &str, body: &str, headers: &[(&str, &str)]) -> crate::harness::Answer {
    let request = http.request("POST", path).header("content-type", FORM).body(body.to_owned());
    http.send(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))).await
}

async fn guarded() -> Center {
    let center = Center::start_with(Options { admin_token: Some(TOKEN), ..Options::default() }).await;
    center.report(&report(1)).await.ok();
    center
}

/// Logs in and returns the session cookie.
async fn log_in(center: &Center) -> String {
    let answer = post(center, "/login", "token=correct+horse&to=%2Fissues", &[]).await;
    assert_eq!((answer.status, answer.header("location")), (303, "/issues"), "{answer:?}");
    let cookie = answer.header("set-cookie");
    assert!(cookie.contains("; HttpOnly; SameSite=Strict") && !cookie.contains("Secure"), "{cookie}");
    cookie.split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_forged_post_is_refused() {
    let center = guarded().await;
    let cookie = log_in(&center).await;
    let change = "status=VERIFYING&revision=1";
    let from_elsewhere: [&[(&str, &str)]; 5] = [
        &[("cookie", &cookie), ("sec-fetch-site", "cross-site")],
        &[("cookie", &cookie), ("sec-fetch-site", "same-site")],
        &[("cookie", &cookie), ("origin", "https://evil.example")],
        &[("cookie", &cookie), ("origin", "null")],
        &[("cookie", &cookie), ("sec-fetch-site", "cross-site"), ("origin", &center.base)],
    ];
    for headers in from_elsewhere {
        for path in [
            "/issues/1/status",
            "/issues/bulk",
            "/projects",
            "/projects/rtc_backend",
            "/logout",
            "/login",
            "/language",
        ] {
            let answer = post(&center, path, change, headers).await;
            assert_eq!(answer.status, 403, "{path} {headers:?}");
        }
    }
    let admin = center.bearer(TOKEN);
    assert_eq!(admin.get("/api/v1/issues/1").await.ok()["status"], "NEW");
    // Without a session, a change has no effect.
    assert_eq!(post(&center, "/issues/1/status", change, &[]).await.status, 303);
    assert_eq!(admin.get("/api/v1/issues/1").await.ok()["status"], "NEW");
    let own =
        [("cookie", cookie.as_str()), ("sec-fetch-site", "same-origin"), ("origin", center.base.as_str())];
    assert_eq!(post(&center, "/issues/1/status", change, &own).await.status, 303);
    assert_eq!(admin.get("/api/v1/issues/1").await.ok()["status"], "VERIFYING");
}

#[tokio::test]
async fn a_session_opens_the_api_to_pages_of_this_origin_alone() {
    let center = guarded().await;
    let cookie = log_in(&center).await;
    let ask = async |headers: &[(&str, &str)]| {
        let request = center.request("GET", "/api/v1/issues").header("cookie", &cookie);
        center
            .send(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value)))
            .await
            .status
    };
    assert_eq!(ask(&[]).await, 200);
    assert_eq!(ask(&[("sec-fetch-site", "same-origin")]).await, 200);
    assert_eq!(ask(&[("sec-fetch-site", "same-site")]).await, 403);
    assert_eq!(ask(&[("origin", "https://evil.example")]).await, 403);
    // Routes open to anyone read no cookie.
    let projects =
        center.send(center.request("GET", "/api/v1/projects").header("cookie", &cookie)).await.ok();
    assert!(projects["projects"][0].get("repo_url").is_none(), "{projects}");
}

#[tokio::test]
async fn who_signs_out_ends_what_the_cookie_opened() {
    let center = guarded().await;
    let (cookie, other) = (log_in(&center).await, {
        center.pass_millis(1000);
        log_in(&center).await
    });
    let with = |method, path, cookie: &str| center.request(method, path).header("cookie", cookie);
    let mut stream = with("GET", "/api/v1/stream", &cookie).send().await.unwrap();
    center.report(&report(1)).await.ok();
    assert!(stream.chunk().await.unwrap().is_some());
    let answer = center.send(with("POST", "/logout", &cookie)).await;
    assert!(answer.header("set-cookie").contains("Max-Age=0"), "{answer:?}");
    assert_eq!(center.send(with("GET", "/api/v1/issues", &cookie)).await.status, 401);
    assert_eq!(center.send(with("GET", "/api/v1/issues", &other)).await.status, 200);
    center.report(&report(2)).await.ok();
    let mut rest = String::new();
    while let Some(chunk) = stream.chunk().await.unwrap() {
        rest.push_str(std::str::from_utf8(&chunk).unwrap());
    }
    assert!(!rest.contains("wrong at 2"), "{rest}");
}

#[tokio::test]
async fn over_plain_http_a_link_from_a_mail_opens_its_page() {
    let center = guarded().await;
    center.report(&report(1)).await.ok();
    let link = center.get("/issues/1?event=1").await;
    assert_eq!((link.status, link.header("location")), (303, "/login?to=%2Fissues%2F1%3Fevent%3D1"));
    let again = center.get(link.header("location")).await.text;
    let again = again.split("content=\"0;url=").nth(1).unwrap().split('"').next().unwrap();
    let again = again.replace("&amp;", "&");
    assert_eq!(again, "/login?to=%2Fissues%2F1%3Fevent%3D1&again=1");
    assert!(center.get(&again).await.text.contains("name=\"token\""));
    let cookie = log_in(&center).await;
    let page = center.send(center.request("GET", &again).header("cookie", cookie)).await;
    assert_eq!((page.status, page.header("location")), (303, "/issues/1?event=1"));
    // Browsers that say where a request comes from get the login form at once.
    let said = center.request("GET", link.header("location")).header("sec-fetch-site", "none");
    assert!(center.send(said).await.text.contains("name=\"token\""));
}

#[tokio::test]
async fn a_project_that_was_changed_meanwhile_is_not_overwritten() {
    let center = Center::start().await;
    post(&center, "/projects", "project_id=shop", &[]).await;
    let page = center.get("/projects/shop").await.text;
    let seen = page.split("name=\"updated_at\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let form = |name: &str| format!("updated_at={seen}&name={name}&description=d&regression_rule=any");
    center.pass_millis(1);
    assert_eq!(post(&center, "/projects/shop", &form("mine"), &[]).await.status, 303);
    let stale = post(&center, "/projects/shop", &form("theirs"), &[]).await;
    assert_eq!(stale.status, 409);
    // The typed values are still there, and can be saved over the other edit.
    assert!(stale.text.contains("value=\"theirs\"") && !stale.text.contains(&format!("value=\"{seen}\"")));
    assert_eq!(center.get("/api/v1/projects/shop").await.ok()["name"], "mine");
    assert_eq!(post(&center, "/projects/shop", "name=nobody", &[]).await.status, 422);
}

#[tokio::test]
async fn an_unknown_path_is_a_page_to_people_and_a_problem_to_programs() {
    let center = Center::start().await;
    let ask = async |path: &str, accept: &str| {
        center
            .send(center.request("GET", path).header("accept", accept).header("accept-language", "zh"))
            .await
    };
    let page = ask("/nowhere", "text/html,*/*;q=0.8").await;
    assert_eq!((page.status, page.header("content-type")), (404, "text/html; charset=utf-8"));
    assert!(page.header("content-security-policy").starts_with("default-src 'none'"));
    assert!(page.text.contains("lang=\"zh-CN\"") && page.text.contains("href=\"/issues\""), "{page:?}");
    for (path, accept) in [("/nowhere", "*/*"), ("/api/v1/nowhere", "text/html")] {
        let problem = ask(path, accept).await;
        assert_eq!((problem.status, problem.header("content-type")), (404, "application/problem+json"));
    }
}

#[tokio::test]
async fn who_needs_a_key_is_told_where_it_goes() {
    let center = Center::start_with(Options { require_ingest_key: true, ..Options::default() }).await;
    assert!(center.get("/issues").await.text.contains("/api/v1/logs/report?key=your_ingest_key"));
    post(&center, "/projects", "project_id=shop", &[]).await;
    let page = center.get("/connect?project=shop").await.text;
    assert!(page.contains("href=\"/projects/shop\"") && page.contains("LOG_CENTER_KEY"), "{page}");
    assert_eq!(page.matches("?key=your_ingest_key").count(), page.matches("/api/v1/").count());
    let key = post(&center, "/projects/shop/keys", "", &[]).await.text;
    let key = key.split("<code>lck_").nth(1).unwrap().split('<').next().unwrap();
    let path = format!("/api/v1/logs/report?key=lck_{key}");
    let body = crate::harness::with(report(1), serde_json::json!({"project_id": "shop"}));
    assert_eq!(center.with_json("POST", &path, &body).await.status, 200);
}

#[tokio::test]
async fn tokens_are_not_guessed() {
    let center = guarded().await;
    for _ in 0..10 {
        assert_eq!(post(&center, "/login", "token=wrong", &[]).await.status, 200);
    }
    assert_eq!(post(&center, "/login", "token=correct+horse", &[]).await.status, 429);
    center.pass_millis(60_000);
    log_in(&center).await;
    // The login does not redirect to another site.
    for to in ["https%3A%2F%2Fevil.example", "%2F%2Fevil.example", "%2F%5Cevil.example"] {
        let answer = post(&center, "/login", &format!("token=correct+horse&to={to}"), &[]).await;
        assert_eq!(answer.header("location"), "/");
    }
}

#[tokio::test]
async fn behind_a_proxy_addresses_and_cookies_are_the_public_ones() {
    let folder = tempfile::tempdir().unwrap();
    let args = [
        "--admin-token",
        TOKEN,
        "--public-url",
        "https://errors.example.com/logs",
        "--public-api-url",
        "https://api.example.com",
    ];
    let server = crate::harness::Process::start_with(folder.path(), &args);
    let dashboard = &server.dashboard;
    let answer =
        post(dashboard, "/login", "token=correct+horse", &[("origin", "https://errors.example.com")]).await;
    assert_eq!((answer.status, answer.header("location")), (303, "/logs"), "{answer:?}");
    assert!(
        answer
            .header("set-cookie")
            .ends_with("; Path=/logs; Max-Age=604800; HttpOnly; SameSite=Strict; Secure")
    );
    let cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
    let page = dashboard.send(dashboard.request("GET", "/connect").header("cookie", cookie)).await;
    assert!(page.text.contains("https://api.example.com/api/v1/logs/report"));
    assert!(page.text.contains("href=\"/logs/issues\""));

    let folder = tempfile::tempdir().unwrap();
    let server = crate::harness::Process::start_with(
        folder.path(),
        &["--admin-token", TOKEN, "--trusted-proxies", "127.0.0.1"],
    );
    let forwarded = [("x-forwarded-proto", "https"), ("x-forwarded-host", "errors.example.com")];
    let answer = post(&server.dashboard, "/login", "token=correct+horse", &forwarded).await;
    assert!(answer.header("set-cookie").ends_with("; Secure"), "{answer:?}");
    // Each client behind the proxy has its own attempts.
    for _ in 0..10 {
        post(&server.dashboard, "/login", "token=x", &[("x-forwarded-for", "203.0.113.9")]).await;
    }
    assert_eq!(
        post(&server.dashboard, "/login", "token=x", &[("x-forwarded-for", "203.0.113.9")]).await.status,
        429
    );
    assert_eq!(
        post(&server.dashboard, "/login", "token=x", &[("x-forwarded-for", "203.0.113.10")]).await.status,
        200
    );
}

#[tokio::test]
async fn the_overview_says_what_is_there() {
    let center = Center::start().await;
    for line in [1, 1, 1, 2] {
        center.report(&report(line)).await.ok();
    }
    let web = serde_json::json!({"project_id": "shop_web", "source": "cicd", "context": {"job_name": "b"}});
    center.report(&crate::harness::with(report(3), web)).await.ok();
    center.force(2, "FIXED").await;
    center.force(1, "DEPLOYED").await;
    center.pass_millis(26 * 60 * 60 * 1000);
    center.report(&report(1)).await.ok();
    center.report(&report(4)).await.ok();
    let page = center.get("/").await.text;
    let tight = |html: &str| html.split_whitespace().collect::<Vec<_>>().join(" ").replace("> <", "><");
    let page = tight(&page);
    for (name, number) in
        [("Open issues", 3), ("New (24 h)", 1), ("Regressed (24 h)", 1), ("Events (24 h)", 2)]
    {
        assert!(page.contains(&format!("{name} <b>{number}</b>")), "{name} is not {number}");
    }
    let number = |of: &str| {
        let row = page.split(&format!("q={of}\"")).nth(1).unwrap();
        row.split("<b>").nth(1).unwrap().split('<').next().unwrap()
    };
    for (of, expected) in [
        ("status:NEW", "3"),
        ("status:FIXED", "1"),
        ("status:DEPLOYED", "0"),
        ("is:open source:runtime", "2"),
        ("is:open source:cicd", "1"),
        ("is:open source:deployment", "0"),
    ] {
        assert_eq!(number(of), expected, "{of}");
    }
    // Regressions come first, then new issues; the pipeline issue of the day is neither.
    let listed = |page: &str| {
        page.split("data-id=\"")
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let (look, rest) = page.split_once("id=\"time\"").unwrap();
    assert_eq!(listed(look), ["1", "4"]);
    assert_eq!(listed(rest), ["1", "4"]);
    let projects = center.get("/projects").await.text;
    let row = projects.split("/projects/rtc_backend\"").nth(1).unwrap().split("</tr>").next().unwrap();
    assert!(tight(row).contains(">2</a></td><td class=\"number\">2<"), "{row}");
}
