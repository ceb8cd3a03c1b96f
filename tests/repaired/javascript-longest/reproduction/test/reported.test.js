const test = require('node:test');
const assert = require('node:assert');

const { longest } = require('../longest.js');

test('of no names none is the longest', () => {
  assert.strictEqual(longest([]), '');
});
