import type { Clock } from '../../clock.ts';
import type { SecretDeps } from '../secret.ts';
import type { AwsIdentity } from './aws-identity.ts';
import type { TokenPost } from './token-post.ts';

/** What a token of a cloud is made with. */
export interface CloudTokenDeps {
  readonly secrets: SecretDeps;
  /** Undefined: there is none here. */
  readonly aws: AwsIdentity | undefined;
  readonly post: TokenPost;
  readonly clock: Pick<Clock, 'now'>;
}
