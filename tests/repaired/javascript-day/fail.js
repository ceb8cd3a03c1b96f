const { day } = require('./day.js');

module.exports = async () => day('');
