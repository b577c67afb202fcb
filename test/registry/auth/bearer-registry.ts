import {
  type Script,
  type ScriptedRegistry,
  type Seen,
  sendJson,
  sendManifest,
  startScripted,
} from '../scripted-registry.ts';

export interface TokenServer {
  /** Tokens that the registry takes. */
  readonly valid: Set<string>;
  readonly expiresIn?: number | undefined;
  readonly challenge?: (origin: string, seen: Seen) => string | string[];
  /** Answers the token request itself. */
  readonly token?: Script;
  /** What a refused token is answered with. */
  readonly refuse?: Script;
}

/** A registry that wants Bearer and is its own token service at /token. */
export async function startBearer(
  t: Parameters<typeof startScripted>[0],
  options: TokenServer,
): Promise<ScriptedRegistry> {
  let issued = 0;
  const registry = await startScripted(t, (seen, response, count) => {
    if (seen.path.startsWith('/token')) {
      if (options.token) return options.token(seen, response, count);
      issued += 1;
      options.valid.add(`t${issued}`);
      return sendJson(response, 200, {
        token: `t${issued}`,
        ...(options.expiresIn && { expires_in: options.expiresIn }),
      });
    }
    const token = seen.headers.authorization?.replace('Bearer ', '');
    if (token !== undefined && options.valid.has(token)) return sendManifest(seen, response);
    if (token !== undefined && options.refuse) return options.refuse(seen, response, count);
    const challenge =
      options.challenge?.(registry.origin, seen) ?? `Bearer realm="${registry.origin}/token",service="s"`;
    response.writeHead(401, { 'www-authenticate': challenge }).end();
  });
  return registry;
}

/** Method and path of every request, without queries. */
export const paths = ({ seen }: ScriptedRegistry): string[] =>
  seen.map(({ method, path }) => `${method} ${path.split('?')[0]}`);
