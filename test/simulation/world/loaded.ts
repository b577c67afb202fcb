/**
 * What the product loads when it is first needed. That is read from the disk, on a thread, for as long as the machine takes:
 * the first seed of a process that needs it would come to a story of its own. So it is there before any begins.
 */
import '../../../shared/deploy/dependencies.ts';
import '../../../shared/deploy/wait.ts';
import '../../../shared/resolve/tag-policy.ts';
import '../../../shared/verify/cosign/survey-cosign.ts';
import '../../../shared/verify/in-force/policies-in-force.ts';
import '../../../shared/verify/verify.ts';
