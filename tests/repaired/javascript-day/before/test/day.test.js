const test = require('node:test');
const assert = require('node:assert');

const { day } = require('../day.js');

test('a day is sent', () => {
  assert.strictEqual(day('2026-02-03T10:00:00Z'), '2026-02-03');
});
