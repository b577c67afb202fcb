/// <reference path="./undici-parts.d.ts" />
/**
 * The parts of undici that make requests. Its index loads fetch, WebSocket, caches and mocks besides, which took
 * 40 ms of every command's start and 15 MB. The version is pinned, so the paths hold.
 */
import api from 'undici/lib/api/index.js';
import buildConnector from 'undici/lib/core/connect.js';
import Agent from 'undici/lib/dispatcher/agent.js';
import Dispatcher from 'undici/lib/dispatcher/dispatcher.js';
import ProxyAgent from 'undici/lib/dispatcher/proxy-agent.js';

// As undici's index does it.
Object.assign(Dispatcher.prototype, api);

export { Agent, buildConnector, ProxyAgent };
