import { TriangleAlert } from 'lucide-react';
import { Component, type ReactNode } from 'react';
import { t } from '../i18n/index.ts';
import { Button, EmptyState } from '../ui/index.ts';

/** Keeps a fault in one part of the window from taking the rest down. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError(): { hasFailed: boolean } {
    return { hasFailed: true };
  }

  override render(): ReactNode {
    if (!this.state.hasFailed) return this.props.children;
    return (
      <EmptyState
        icon={TriangleAlert}
        title={t('app.windowFailedTitle')}
        text={t('app.windowFailedText')}
        action={<Button onPress={() => this.setState({ hasFailed: false })}>{t('app.windowFailedAgain')}</Button>}
      />
    );
  }
}
