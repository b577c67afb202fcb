import type { Clock } from '../../clock.ts';
import type { ProxyEnv } from '../../registry/http/proxy.ts';
import { httpsDocuments } from './https-documents.ts';
import { issuerKeys } from './issuer-keys.ts';
import type { KeySource } from './key-source.ts';

/** Keys of issuers on the network. One for the life of a process: it remembers them. */
export const httpsKeys = ({ env, clock }: { readonly env: ProxyEnv; readonly clock: Clock }): KeySource =>
  issuerKeys({ fetchDocument: httpsDocuments({ env }), clock });
