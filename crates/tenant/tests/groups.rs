//! Groups of a simulated tenant, over HTTP on loopback.

use std::time::Duration;

use joinery_model::{FixedClock, Retry};
use joinery_simulator::schema::Set;
use joinery_simulator::schema::user::user::P;
use joinery_simulator::world::{AsOf, Cell, KeyPart};
use joinery_simulator::world::{Move, Seed};
use joinery_simulator::{Fault, FaultKind, Running, Settings as Simulated, Simulator, TimeSource, Visibility};
use joinery_tenant::groups::{GroupId, GroupOptions, Groups, MemberWrites, Which};
use joinery_tenant::{Host, PlainHttp, Settings, Transport};

async fn tenant(people: u32) -> (Running, Groups) {
    tenant_that(people, GroupOptions::default(), |_| {}).await
}

async fn tenant_that(people: u32, options: GroupOptions, is: impl FnOnce(&mut Simulated)) -> (Running, Groups) {
    let now: jiff::Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
    let mut settings = Simulated::new("ACME", Seed::new(7, people, now), TimeSource::fixed(now));
    settings.basic_password = Some("secret".into());
    is(&mut settings);
    let running = Simulator::start(settings).await.unwrap();
    let groups = groups(&running, options);
    (running, groups)
}

fn groups(running: &Running, options: GroupOptions) -> Groups {
    let host = Host::parse(running.base_url(), PlainHttp::LoopbackOnly).unwrap();
    let mut settings = Settings::basic("acme", host, "ACME", "API_USER", "secret".into());
    settings.timeout = Duration::from_secs(20);
    Groups::new(Transport::new(client(), settings, FixedClock::at(running.now()), 1), options)
}

#[expect(clippy::disallowed_methods, reason = "a test brings its own client, to loopback only")]
fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

async fn named(groups: &Groups, name: &str) -> GroupId {
    let which = Which { name: Some(name.to_owned()), ..Which::default() };
    groups.list(&which).await.unwrap().pop().expect("a group of that name").id
}

async fn member_ids(groups: &Groups, id: GroupId) -> Vec<String> {
    let members = groups.members(id, false).await.unwrap().expect("a group");
    members.into_iter().map(|member| member.user_id).collect()
}

fn requests(running: &Running) -> u64 {
    running.requests_since_mark().total.requests
}

#[tokio::test]
async fn groups_are_listed_and_read() {
    let (running, groups) = tenant_that(300, GroupOptions::default(), |settings| settings.page_size = 10).await;
    let all = groups.list(&Which::default()).await.unwrap();
    assert!(all.len() > 40 && all.is_sorted_by_key(|group| group.id));
    let both = Which { kinds: vec!["permission".into(), "ectworkflow".into()], ..Which::default() };
    let kinds = groups.list(&both).await.unwrap();
    assert!(kinds.len() < all.len() && kinds.iter().any(|group| group.kind == "ectworkflow"));
    let listed = groups.list(&Which { is_static: Some(true), ..Which::of("permission") }).await.unwrap();
    assert!(!listed.is_empty() && listed.iter().all(|group| group.is_static && group.kind == "permission"));
    let wardens = listed.iter().find(|group| group.name == "Fire wardens").expect("a group");
    let one = groups.get(wardens.id).await.unwrap().expect("a group");
    assert_eq!(one, *wardens);
    let members = groups.members(one.id, false).await.unwrap().expect("a group");
    assert_eq!(Some(members.len() as u64), one.members);
    assert!(members[0].person_uuid.is_some() && members[0].username.is_some());
    for missing in
        [groups.get(GroupId(9)).await.unwrap().is_none(), groups.members(GroupId(9), true).await.unwrap().is_none()]
    {
        assert!(missing);
    }
    let of_user = groups.of_user(&members[0].user_id, Some("permission")).await.unwrap().expect("a user");
    assert!(of_user.iter().any(|group| group.id == one.id) && of_user.iter().any(|group| group.name == "$$EVERYONE$$"));
    assert!(groups.of_user("nobody", None).await.unwrap().is_none());
    let roles = groups.roles_of("API_USER").await.unwrap().expect("a user");
    assert_eq!(
        roles.iter().map(|role| role.name.as_str()).collect::<Vec<_>>(),
        ["Integration User", "Employee Self-Service"]
    );
    drop(running);
}

#[tokio::test]
async fn members_of_static_groups_by_each_of_three_ways() {
    for writes in [MemberWrites::default(), MemberWrites::Scim, MemberWrites::Authorization] {
        let options = GroupOptions { writes: writes.clone(), ..GroupOptions::default() };
        let (running, groups) = tenant_that(300, options, |_| {}).await;
        let id = named(&groups, "Works council").await;
        let before = member_ids(&groups, id).await;
        let member = before[0].as_str();
        let newcomers: Vec<String> = running.look(|world| {
            let active = (100_100..100_299).map(|id| id.to_string());
            let works = |id: &String| {
                world.find(Set::User, &[KeyPart::Str(id)]).is_some_and(|row| {
                    let main = world.person_row(row).and_then(|person| world.main_user(person));
                    world.cell(row, P::status as usize) == Cell::Str("t") && main == Some(row)
                })
            };
            active.filter(works).filter(|id| !before.contains(id)).take(120).collect()
        });
        assert!(newcomers.len() > 100, "more than one request holds");
        let mut users: Vec<&str> = newcomers.iter().map(String::as_str).collect();
        users.extend([member, "nobody"]);
        let done = groups.add(id, &users).await.unwrap();
        assert_eq!(
            (done.changed.len(), done.as_before.as_slice(), done.refused.as_slice()),
            (newcomers.len(), &[member.to_owned()][..], &["nobody".to_owned()][..]),
            "{writes:?}"
        );
        assert_eq!(member_ids(&groups, id).await.len(), before.len() + newcomers.len());
        running.mark();
        let again = groups.add(id, &[member]).await.unwrap();
        assert_eq!((again.changed.len(), requests(&running)), (0, 2), "nothing to do is not sent");
        let undone = groups.remove(id, &users[..newcomers.len()]).await.unwrap();
        assert_eq!(undone.changed.len(), newcomers.len());
        assert_eq!(member_ids(&groups, id).await, before, "{writes:?}");
        let dynamic = groups.add(GroupId(3600), &["100004"]).await.unwrap_err();
        assert!(dynamic.message.contains("dynamic group") && dynamic.retry() == Retry::No);
        assert!(groups.add(id, &["a,b"]).await.unwrap_err().message.contains("comma"));
        assert!(groups.add(GroupId(9), &["100004"]).await.unwrap_err().message.contains("no such group"));
    }
}

#[tokio::test]
async fn a_change_that_may_have_been_done_is_read_back_and_not_sent_again() {
    // The answer is lost after the tenant has done it: the members say so.
    let (running, groups) = tenant(300).await;
    let id = named(&groups, "Works council").await;
    let newcomer = "100004".to_owned();
    groups.remove(id, &[&newcomer]).await.unwrap();
    let fault = |kind| Fault { path: "updateStaticGroup".into(), ..Fault::next(kind, 1) };
    running.arm(fault(FaultKind::DropAfter { bytes: 4 }));
    running.mark();
    let done = groups.add(id, &[&newcomer]).await.unwrap();
    assert_eq!(done.changed, std::slice::from_ref(&newcomer));
    let calls = |running: &Running| {
        let met = running.requests_since_mark().by_resource;
        met.get("GET updateStaticGroup").map_or(0, |counts| counts.requests)
    };
    assert_eq!(calls(&running), 1);

    // It is lost before: the members say that too, and the caller decides.
    running.clear_faults();
    running.arm(fault(FaultKind::GatewayTimeout));
    running.mark();
    let failure = groups.remove(id, &[&newcomer]).await.unwrap_err();
    assert!(matches!(failure.retry(), Retry::Later(_)) && failure.message.contains("not known"), "{}", failure.message);
    assert_eq!(calls(&running), 1, "a GET with effects is never repeated blindly");
    running.clear_faults();
    assert_eq!(groups.remove(id, &[&newcomer]).await.unwrap().changed, [newcomer]);

    // Turned away at the door: nothing was done, so it is sent again.
    running.arm(fault(FaultKind::TooManyRequests { retry_after: 1 }));
    running.mark();
    assert_eq!(groups.add(id, &["100005"]).await.unwrap().refused.len(), 0);
    assert_eq!(calls(&running), 2);
}

#[tokio::test]
async fn a_renamed_group_has_the_clauses_that_it_had() {
    for lossy in [false, true] {
        let (_running, groups) =
            tenant_that(300, GroupOptions::default(), |settings| settings.switches.unsent_pools_are_removed = lossy)
                .await;
        let all = groups.list(&Which::default()).await.unwrap();
        let dynamic: Vec<_> = all.iter().filter(|group| !group.is_static && !group.is_of_the_system()).collect();
        for group in dynamic.iter().take(12).chain([dynamic.last().expect("a group")]) {
            let before = groups.pools(group.id).await.unwrap().expect("a group");
            let members = member_ids(&groups, group.id).await;
            let renamed = groups.rename(group.id, &format!("New {} \"x\" & 'y'", group.id)).await.unwrap();
            assert_eq!(renamed.name, format!("New {} \"x\" & 'y'", group.id));
            assert_eq!(groups.pools(group.id).await.unwrap().expect("a group"), before, "lossy: {lossy}");
            assert_eq!(member_ids(&groups, group.id).await, members);
        }
        let list = named(&groups, "Works council").await;
        let members = member_ids(&groups, list).await;
        assert_eq!(groups.rename(list, "Betriebsrat").await.unwrap().name, "Betriebsrat");
        assert_eq!(member_ids(&groups, list).await, members);
        let taken = groups.rename(list, "Fire wardens").await.unwrap_err();
        assert!(taken.message.contains("taken"), "{}", taken.message);
        assert!(groups.rename(GroupId(1586), "Everyone").await.unwrap_err().message.contains("system"));
        assert!(groups.rename(list, &"x".repeat(101)).await.unwrap_err().message.contains("100"));
    }
}

#[tokio::test]
async fn a_read_only_connection_refuses_before_anything_is_sent() {
    let (running, groups) = tenant_that(50, GroupOptions { read_only: true, ..GroupOptions::default() }, |_| {}).await;
    running.mark();
    for failure in [
        groups.add(GroupId(3600), &["100004"]).await.unwrap_err(),
        groups.remove(GroupId(3600), &["100004"]).await.unwrap_err(),
        groups.rename(GroupId(3600), "x").await.unwrap_err(),
    ] {
        assert!(failure.message.starts_with("connection.acme.read_only"), "{}", failure.message);
    }
    assert_eq!(requests(&running), 0);
}

#[tokio::test]
async fn groups_of_many_users_need_few_requests_and_agree_whichever_way() {
    let (running, groups) = tenant(1_500).await;
    let ids: Vec<String> = running.look(|world| {
        let users = world.rows(Set::User, AsOf::ALL);
        users
            .map(|row| match world.key(row)[0] {
                KeyPart::Str(id) => id.to_owned(),
                _ => String::new(),
            })
            .collect()
    });
    let users: Vec<&str> = ids.iter().map(String::as_str).collect();
    running.mark();
    let by_group = groups.of_users(&users, Some("permission")).await.unwrap();
    let spent = requests(&running);
    assert!(spent <= 4, "{spent} requests for {} users", users.len());
    assert_eq!(by_group.users(), users.len(), "everybody is in $$EVERYONE$$");

    running.mark();
    let few = groups.of_users(&users[..100], Some("permission")).await.unwrap();
    assert_eq!(requests(&running), 1);
    for user in &users[..100] {
        assert_eq!(few.of(user), by_group.of(user));
        let alone = groups.of_user(user, Some("permission")).await.unwrap().expect("a user");
        assert_eq!(alone.iter().map(|group| group.id).collect::<Vec<_>>(), few.of(user));
    }
    assert!(few.names.values().any(|name| name == "$$EVERYONE$$"));
    assert!(groups.of_users(&["nobody"], None).await.unwrap().of("nobody").is_empty());

    running.mark();
    let roles = groups.roles_of_users(&users[..250]).await.unwrap();
    assert_eq!(requests(&running), 3);
    assert_eq!(roles.get("100000").map(Vec::len), groups.roles_of("100000").await.unwrap().map(|roles| roles.len()));
}

#[tokio::test]
async fn a_tenant_that_takes_no_batch_is_asked_one_by_one() {
    use axum::http::{Method, Uri};
    let met = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let seen = std::sync::Arc::clone(&met);
    let answer = move |method: Method, uri: Uri| async move {
        seen.lock().unwrap().push(method.clone());
        if method == Method::POST {
            return (axum::http::StatusCode::METHOD_NOT_ALLOWED, String::new());
        }
        let id = if uri.to_string().contains("100004") { 7 } else { 8 };
        (axum::http::StatusCode::OK, format!("{{\"d\":[{{\"groupId\":\"{id}\",\"groupName\":\"G{id}\"}}]}}"))
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = Host::parse(&format!("http://{}", listener.local_addr().unwrap()), PlainHttp::LoopbackOnly).unwrap();
    tokio::spawn(async move { axum::serve(listener, axum::Router::new().fallback(answer)).await });
    let settings = Settings::basic("acme", host, "ACME", "API_USER", "secret".into());
    let now = FixedClock::at("2026-11-21T12:00:00Z".parse().unwrap());
    let groups = Groups::new(Transport::new(client(), settings, now, 1), GroupOptions::default());
    for _ in 0..2 {
        let found = groups.of_users(&["100003", "100004"], Some("permission")).await.unwrap();
        assert_eq!((found.of("100003"), found.of("100004")), (&[GroupId(8)][..], &[GroupId(7)][..]));
    }
    let met = met.lock().unwrap();
    assert_eq!(met.iter().filter(|method| **method == Method::POST).count(), 1, "tried once");
    assert_eq!(met.len(), 5);
}

#[tokio::test]
async fn a_move_shows_in_the_groups_at_once() {
    let (running, groups) = tenant(300).await;
    let before = groups.of_users(&["100004"], Some("permission")).await.unwrap().of("100004").to_vec();
    let team = groups
        .list(&Which::default())
        .await
        .unwrap()
        .into_iter()
        .find(|group| group.name.starts_with("Team "))
        .unwrap();
    assert!(!before.contains(&team.id));
    let pools = groups.pools(team.id).await.unwrap().expect("a group");
    let clause = &pools.include[0].clauses[0];
    assert_eq!(clause.field, "std_department");
    let code = clause.expressions[0].1[0].clone();
    let to = Move { department: Some(code), ..Move::default() };
    running.change(|world| world.relocate("100004", world.today(), &to)).unwrap();
    let after = groups.of_users(&["100004"], Some("permission")).await.unwrap();
    assert!(after.of("100004").contains(&team.id));
}

#[tokio::test]
async fn without_the_permission_the_message_says_what_to_grant() {
    let (running, groups) = tenant(50).await;
    let rules = Visibility { no_group_types: ["permission".to_owned()].into(), ..Visibility::default() };
    running.set_visibility(rules, 0);
    let failure = groups.list(&Which::of("permission")).await.unwrap_err();
    assert!(
        failure.message.contains("COE0020") && failure.message.contains("Manage Permission Roles"),
        "{}",
        failure.message
    );
    assert!(groups.of_users(&["100003"], Some("permission")).await.is_err());
}
