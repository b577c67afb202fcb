import type { Clock } from '../../clock.ts';
import type { ProxyEnv } from '../../registry/http/proxy.ts';
import type { FetchIssuerDocument } from './issuer-document.ts';
import { issuerKeys } from './issuer-keys.ts';
import type { KeySource } from './key-source.ts';

/** Keys of issuers on the network. One for the life of a process: it remembers them. */
export const httpsKeys = ({ env, clock }: { readonly env: ProxyEnv; readonly clock: Clock }): KeySource =>
  issuerKeys({ fetchDocument: documentsIn(env), clock });

/** Connections, the proxy and the guard of addresses are loaded with the first token, and not with every start. */
const documentsIn =
  (env: ProxyEnv): FetchIssuerDocument =>
  async (...asked) => {
    const { httpsDocuments } = await import('./https-documents.ts');
    return httpsDocuments({ env })(...asked);
  };
