import type { ReactNode } from 'react';

/** One setting: its name, one line of what it does, and the control beside it. */
export function SettingRow({ label, text, children }: { label: string; text?: ReactNode; children: ReactNode }) {
  return (
    <div className="settings-row">
      <div className="settings-words">
        <p className="settings-label">{label}</p>
        {text !== undefined && <div className="settings-text">{text}</div>}
      </div>
      <div className="settings-control">{children}</div>
    </div>
  );
}
