/** Violates statement-is-sql. */
import { DataSource } from 'typeorm';

export const used = DataSource;
