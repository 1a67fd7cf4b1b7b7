"""`yian doctor`: looks at everything Yian stands on, and says what is wrong together with the mend."""
