//! Which event of an issue is shown, and those beside it.

use crate::domain::{EventNumber, IssueId};
use crate::store::{Store, StoreError};
use logcenter_core::Timestamp;

/// The event that is shown, and its neighbours among the kept ones.
pub(crate) struct Pager {
    pub(crate) id: EventNumber,
    pub(crate) at: Timestamp,
    pub(crate) older: Option<EventNumber>,
    pub(crate) newer: Option<EventNumber>,
}

impl Pager {
    /// Around the chosen event, or else the latest. `None` if it is not kept.
    pub(crate) async fn read(
        store: &dyn Store,
        id: IssueId,
        chosen: Option<EventNumber>,
    ) -> Result<Option<Self>, StoreError> {
        let before = chosen.map(|number| EventNumber(number.0.saturating_add(2)));
        let Some(events) = store.events(id, before, 3).await? else { return Ok(None) };
        let events = events.items;
        let place = events.iter().position(|event| chosen.is_none_or(|number| event.id == number));
        Ok(place.map(|place| Self {
            id: events[place].id,
            at: events[place].at,
            older: events.get(place + 1).map(|event| event.id),
            newer: place.checked_sub(1).map(|newer| events[newer].id),
        }))
    }
}
