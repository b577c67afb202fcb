import type { JsonObject } from '../../../kernel/json.ts';

export interface ClusterRequest {
  readonly method: 'GET' | 'PATCH' | 'POST' | 'PUT' | 'DELETE';
  /** `/apis/apps/v1/namespaces/web/deployments/podinfo`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** A list is a JSON patch. */
  readonly body?: JsonObject | readonly JsonObject[];
  /** Default: JSON. */
  readonly contentType?: string;
  readonly accept?: string;
}

export interface ClusterAnswer {
  readonly status: number;
  /** An object, a list, or a Status that says what was wrong. */
  readonly body: JsonObject;
  /** What the API server warns of: deprecated versions, fields that nobody knows. */
  readonly warnings: readonly string[];
}

/** The API server of one cluster, as whom the deploy names. */
export interface Cluster {
  /**
   * Makes one request, again where that may help.
   * @throws LandfallError DEPLOY_UNAVAILABLE where nobody answers, DEPLOY_FAILED where what answers is no API server
   */
  send(request: ClusterRequest): Promise<ClusterAnswer>;
}
