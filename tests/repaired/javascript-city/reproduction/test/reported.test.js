const test = require('node:test');
const assert = require('node:assert');

const { city } = require('../city.js');

test('a customer may have no address', () => {
  assert.strictEqual(city({}), '');
});
