import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { SteeringBodyView } from './steering.dto.js';
import { SteeringBodyNotFound } from './steering.errors.js';

const BODIES = `
  SELECT b.steering_body_id AS "steeringBodyId", b.code, b.name,
         coalesce((SELECT jsonb_agg(jsonb_build_object('memberId', m.member_id, 'name', m.name, 'email', m.email, 'language', m.language) ORDER BY m.name, m.member_id)
                   FROM member AS m WHERE m.steering_body_id = b.steering_body_id), '[]') AS members
  FROM steering_body AS b`;

@Injectable()
export class SteeringQueries {
  constructor(private readonly db: DataSource) {}

  bodies(): Promise<SteeringBodyView[]> {
    return this.db.query<SteeringBodyView[]>(`${BODIES} ORDER BY b.code`);
  }

  /** @throws SteeringBodyNotFound. */
  async body(steeringBodyId: string): Promise<SteeringBodyView> {
    const [body] = await this.db.query<SteeringBodyView[]>(`${BODIES} WHERE b.steering_body_id = $1`, [steeringBodyId]);
    if (!body) throw new SteeringBodyNotFound();
    return body;
  }
}
