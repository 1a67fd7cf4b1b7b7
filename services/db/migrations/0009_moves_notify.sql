-- The statement that writes a move notifies the app processes itself: calling a trigger for it took 0.1 ms of each press.

DROP TRIGGER tells_the_consoles ON outbox;
DROP FUNCTION outbox_tells_the_consoles();
