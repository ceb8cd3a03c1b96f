'use strict';

// The city of a customer, for the list.
function city(customer) {
  return customer.address.city.toUpperCase();
}

module.exports = { city };
