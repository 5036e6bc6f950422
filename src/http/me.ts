/** GET /me: who am I, and what may I do? A client draws its buttons from `may`, so it need not know the roles. */
import { VERB_RULES, VERBS } from '../domain/command.ts';
import { ROLES, type Role, roleAllows } from '../domain/roles.ts';
import { METRICS_ROLE } from './metrics.ts';
import { principalOf } from './principal.ts';
import type { Resource } from './resource.ts';

/** Rights that are no verbs, and the least role that has them. */
const OTHER_RIGHTS = { watch: ROLES[0], metrics: METRICS_ROLE } as const satisfies Record<string, Role>;

/** The verbs and other rights of a role. */
export function rightsOf(role: Role): readonly string[] {
  const others = Object.entries(OTHER_RIGHTS).filter(([, wanted]) => roleAllows(role, wanted));
  return [
    ...VERBS.filter((verb) => roleAllows(role, VERB_RULES[verb].role)),
    ...others.map(([right]) => right),
  ];
}

/** The signed-in person. */
export function meResource(): Resource {
  return {
    path: '/me',
    get(_req, res) {
      const { userId, email, name, role } = principalOf(res);
      res.json({ userId, email, name, role, may: rightsOf(role) });
    },
  };
}
