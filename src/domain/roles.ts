/** The four roles, each with all rights of the one before it. */
export const ROLES = ['player', 'operator', 'technician', 'admin'] as const;

export type Role = (typeof ROLES)[number];

export function isRole(value: unknown): value is Role {
  return ROLES.includes(value as Role);
}

/** Whether somebody of role `held` may do what wants at least role `wanted`. */
export function roleAllows(held: Role, wanted: Role): boolean {
  return ROLES.indexOf(held) >= ROLES.indexOf(wanted);
}
