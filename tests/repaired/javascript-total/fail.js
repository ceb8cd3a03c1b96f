const { total } = require('./total.js');

module.exports = () => total(async () => 150, ['pear']);
