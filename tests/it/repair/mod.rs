//! Repair as agents, people and forges see it: over HTTP, with a clock that the test controls.

mod agents;
mod hooks;

use crate::harness::{Answer, Center, Http, Options, with};
use serde_json::{Value, json};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

/// A center, its administrator, and an agent with a token of its own.
async fn center(webhook_secret: Option<&'static str>) -> (Center, Http, Http) {
    let options = Options { admin_token: Some("secret"), webhook_secret, ..Options::default() };
    let center = Center::start_with(options).await;
    let admin = center.bearer("secret");
    let token = json!({"name": "repair robot", "role": "agent"});
    let token = admin.with_json("POST", "/api/v1/tokens", &token).await.json();
    let agent = center.bearer(token["token"].as_str().unwrap());
    (center, admin, agent)
}

fn wanted() -> Value {
    json!({"worker": "repair-1", "statuses": ["NEW", "PENDING_FIX", "FIX_FAILED"], "lease_seconds": 60})
}

/// An agent's work on one issue.
struct Work {
    agent: Http,
    id: i64,
    token: String,
    claim: Value,
}

impl Work {
    async fn claimed(agent: &Http) -> Self {
        let claim = agent.with_json("POST", "/api/v1/issues/claim", &wanted()).await.ok();
        let token = claim["lease"]["token"].as_str().unwrap().to_owned();
        Self { agent: agent.clone(), id: claim["issue"]["id"].as_i64().unwrap(), token, claim }
    }

    fn under_lease(&self, fields: Value) -> Value {
        with(fields, json!({"lease_token": self.token}))
    }

    async fn moves(&self, status: &str) -> Value {
        self.agent.patch(self.id, &self.under_lease(json!({"status": status}))).await.ok()
    }

    async fn attempt(&self, fields: Value) -> Answer {
        let path = format!("/api/v1/issues/{}/attempts", self.id);
        self.agent.with_json("POST", &path, &self.under_lease(fields)).await
    }

    async fn asks(&self, what: &str) -> Answer {
        let path = format!("/api/v1/issues/{}/{what}", self.id);
        self.agent.with_json("POST", &path, &self.under_lease(json!({}))).await
    }
}

async fn nothing_to_do(agent: &Http) -> bool {
    agent.with_json("POST", "/api/v1/issues/claim", &wanted()).await.status == 204
}
