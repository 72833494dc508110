//! The floor: a client with the same read-ahead that only reads the bytes and finds the next page.

/// Reads every page from `url` on; the address of the next page is taken from the tail of each.
pub async fn read(url: &str) -> (u64, u64) {
    let client = reqwest::Client::new();
    let base = reqwest::Url::parse(url).expect("an address");
    let (mut bytes, mut pages) = (0, 0);
    let mut next = Some(base.clone());
    while let Some(url) = next.take() {
        let body = client.get(url).send().await.expect("an answer").bytes().await.expect("a whole answer");
        bytes += body.len() as u64;
        pages += 1;
        next = joinery_odata::payload::find_next(&body).map(|found| {
            let found = reqwest::Url::parse(&found).expect("an address");
            let mut url = base.clone();
            url.set_query(found.query());
            url
        });
    }
    (bytes, pages)
}
