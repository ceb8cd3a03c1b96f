const { city } = require('./city.js');

module.exports = async () => city({ name: 'Ada' });
