//! The dashboard as users see it, in a real Chromium; and by plain requests for what no browser shows.

mod accessibility;
mod changes;
mod density;
mod deployments;
mod doors;
mod first_steps;
mod hostile;
mod lists;
mod mounted;
mod overview;
mod repair;
mod requests;
mod weight;
