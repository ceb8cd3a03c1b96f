'use strict';

// The longest of some names.
function longest(names) {
  return names.reduce((one, other) => (other.length > one.length ? other : one));
}

module.exports = { longest };
