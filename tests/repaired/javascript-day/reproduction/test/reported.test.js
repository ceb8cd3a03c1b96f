const test = require('node:test');
const assert = require('node:assert');

const { day } = require('../day.js');

test('an empty form has no day', () => {
  assert.strictEqual(day(''), null);
});
