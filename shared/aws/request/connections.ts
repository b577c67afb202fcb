import type { ClientRequest, Agent as HttpAgent, IncomingMessage, RequestOptions } from 'node:http';
import { Agent, request } from 'node:https';

/** How requests to one kind of URL are made, and over which connections. */
export interface Connections {
  readonly request: (
    options: RequestOptions,
    onResponse: (response: IncomingMessage) => void,
  ) => ClientRequest;
  readonly agent: HttpAgent;
}

// Connections outlive an invocation: the next one saves the handshakes.
const OPTIONS = { keepAlive: true, maxSockets: 64 };

/** Imported as an ES module it would read every export, WebSocket among them, which doubles a cold start. */
const http = process.getBuiltinModule('node:http');

const SECURE: Connections = { request, agent: new Agent(OPTIONS) };
/** For an endpoint of one's own alone. */
const PLAIN: Connections = { request: http.request, agent: new http.Agent(OPTIONS) };

export const connectionsFor = (protocol: string): Connections => (protocol === 'http:' ? PLAIN : SECURE);
