'use strict';

// A day as it is sent to the accounting, from what a form holds; null if the form is empty.
function day(typed) {
  return new Date(typed).toISOString().slice(0, 10);
}

module.exports = { day };
