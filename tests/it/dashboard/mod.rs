//! The dashboard, as a person sees it: a real Chromium, and for what no browser shows, requests.

mod accessibility;
mod changes;
mod doors;
mod first_steps;
mod hostile;
mod lists;
mod mounted;
mod overview;
mod requests;
mod weight;
