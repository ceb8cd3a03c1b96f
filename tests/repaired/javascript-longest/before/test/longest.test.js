const test = require('node:test');
const assert = require('node:assert');

const { longest } = require('../longest.js');

test('the longest is found', () => {
  assert.strictEqual(longest(['Ada', 'Grace', 'Alan']), 'Grace');
});
