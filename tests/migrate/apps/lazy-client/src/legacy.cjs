const { realtimeClient } = require('../services/realtimeClient');

module.exports = () => realtimeClient.getMetrics();
