import { createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http';
import { join } from 'node:path';
import type { OpenRelease } from '../../../shared/deploy/helm/helm-visit.ts';
import { findHelm } from '../../../shared/deploy/helm/program/helm-program.ts';
import { openHelm } from '../../../shared/deploy/helm/program/open-helm.ts';
import { findKubectl } from '../../../shared/deploy/kubernetes/build/kubectl.ts';
import { openTarget } from '../../../shared/deploy/kubernetes/kubernetes-visit.ts';

/** What becomes of one request of helm; what is not told goes through. */
export interface RequestFate {
  /** In place of the API server. */
  readonly before?: (response: ServerResponse) => void;
  /** In place of its answer: the API server has taken it. */
  readonly after?: (response: ServerResponse) => void;
}

export interface HelmGate {
  /** Where its socket may be. */
  readonly folder: string;
  /** Asked of each request of helm. */
  readonly fateOf: (request: IncomingMessage, helm: { readonly kill: () => void }) => RequestFate;
}

let sockets = 0;

/** The real cluster and the real helm, with somebody between them. */
export function gatedRelease({ folder, fateOf }: HelmGate): OpenRelease {
  return async (context) => {
    const { signal } = context;
    const cluster = await openTarget(context, await findKubectl(signal));
    let leader = 0;
    const kill = (): void => {
      process.kill(-leader, 'SIGKILL');
    };
    const gate = createServer((request, response) => {
      const { method, url = '', headers } = request;
      const { before, after } = fateOf(request, { kill });
      if (before !== undefined) return before(response);
      const onward = send({ socketPath: cluster.socket, method, path: url, headers }, (answer) => {
        if (after !== undefined) return answer.resume().on('end', () => after(response));
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        return answer.pipe(response);
      });
      onward.on('error', () => response.destroy());
      return request.pipe(onward);
    });
    sockets += 1;
    const socket = join(folder, `gate-${sockets}`);
    gate.listen(socket);
    return {
      cluster: cluster.cluster,
      openHelm: async () =>
        openHelm({
          program: await findHelm(signal),
          socket,
          fence: undefined,
          context: {
            signal,
            claimFor: async (pid) => {
              leader = pid;
            },
          },
        }),
      [Symbol.asyncDispose]: async () => {
        gate.closeAllConnections();
        gate.close();
        await cluster[Symbol.asyncDispose]();
      },
    };
  };
}

export const isWriting = ({ method, url = '' }: IncomingMessage): boolean =>
  method !== 'GET' && !url.includes('dryRun');
