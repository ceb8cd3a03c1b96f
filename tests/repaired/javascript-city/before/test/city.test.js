const test = require('node:test');
const assert = require('node:assert');

const { city } = require('../city.js');

test('the city is in capitals', () => {
  assert.strictEqual(city({ address: { city: 'Graz' } }), 'GRAZ');
});
