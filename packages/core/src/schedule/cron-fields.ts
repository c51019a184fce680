/** A parsed cron expression: what each field allows, ascending and without repeats. */
export interface CronFields {
  readonly seconds: readonly number[];
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly days: DayRule;
}

/** Which calendar days an expression fires on. */
export interface DayRule {
  /** 1 (January) to 12. */
  readonly months: readonly number[];
  /** Null when the field is `*` or `?`. */
  readonly dayOfMonth: DayOfMonthRule | null;
  /** Null when the field is `*` or `?`. With both fields restricted a day need satisfy only one of them. */
  readonly dayOfWeek: DayOfWeekRule | null;
}

export interface DayOfMonthRule {
  /** 1 to 31. */
  readonly days: readonly number[];
  /** `L`: the month's last day too. */
  readonly lastDay: boolean;
}

export interface DayOfWeekRule {
  /** 0 (Sunday) to 6. */
  readonly weekdays: readonly number[];
  /** With `#n`: only the nth such weekday of the month counts. Null: every one. */
  readonly nth: number | null;
  /** `5L`: the month's last such weekday, 0 (Sunday) to 6. */
  readonly lastWeekdays: readonly number[];
}
